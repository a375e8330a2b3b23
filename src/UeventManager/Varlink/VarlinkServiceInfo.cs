namespace UeventManager.Varlink;

/// <summary>The answer of <c>org.varlink.service.GetInfo</c>.</summary>
/// <param name="Vendor">The vendor.</param>
/// <param name="Product">The product's name.</param>
/// <param name="Version">The product's version.</param>
/// <param name="Url">The address of its documentation.</param>
internal sealed record VarlinkServiceInfo(string Vendor, string Product, string Version, string Url);
