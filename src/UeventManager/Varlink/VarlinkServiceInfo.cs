namespace UeventManager.Varlink;

/// <summary>What <c>org.varlink.service.GetInfo</c> says of this service.</summary>
/// <param name="Vendor">The vendor.</param>
/// <param name="Product">What it is.</param>
/// <param name="Version">Which version.</param>
/// <param name="Url">Where to read about it.</param>
internal sealed record VarlinkServiceInfo(string Vendor, string Product, string Version, string Url);
