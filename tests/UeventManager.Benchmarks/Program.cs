using UeventManager.Benchmarks;
using UeventManager.Benchmarks.Micro;

// run MODE REPOSITORY OUTPUT: inside the namespaces that run.sh makes. micro [compare|accept]: anywhere.
return args switch
{
    ["run", var mode, var repository, var output] => new BenchmarkRun(new Place(repository, output), Modes.Of(mode)).Run(),
    ["micro", .. var rest] => MicroRun.Run(rest),
    _ => Modes.Usage(),
};
