#:package KubernetesClient@21.0.8
#:property ManagePackageVersionsCentrally=false
#:property PublishAot=false
// manifest.cs FILE: whether a manifest is a DaemonSet as the types of Kubernetes' API say, in which no name is unknown: `make image-test`.
using k8s;
using k8s.Models;

var daemons = KubernetesYaml.Deserialize<V1DaemonSet>(File.ReadAllText(args[0]), strict: true);
Console.WriteLine($"{daemons.ApiVersion} {daemons.Kind}");
return daemons is { ApiVersion: "apps/v1", Kind: "DaemonSet" } && daemons.Spec.Template.Spec.Containers.Count > 0 ? 0 : 1;
