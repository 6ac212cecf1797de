//! Attributes: their names in CSV and in JSON, and which of them tell SKUs apart.

/// Attributes that describe a SKU and tell none from another that differs in nothing else, or that a catalogue holds elsewhere.
const DESCRIPTIVE: &[&str] = &[
    "availabilityzone",
    "classicnetworkingsupport",
    "clockSpeed",
    "currentGeneration",
    "dedicatedEbsThroughput",
    "description",
    "ebsOptimized",
    "ecu",
    "endpointType",
    "engineCode",
    "enhancedNetworkingSupported",
    "equivalentondemandsku",
    "fromLocation",
    "fromLocationType",
    "fromRegionCode",
    "gpu",
    "gpuMemory",
    "groupDescription",
    "instanceCapacity10xlarge",
    "instanceCapacity12xlarge",
    "instanceCapacity16xlarge",
    "instanceCapacity18xlarge",
    "instanceCapacity24xlarge",
    "instanceCapacity2xlarge",
    "instanceCapacity32xlarge",
    "instanceCapacity4xlarge",
    "instanceCapacity8xlarge",
    "instanceCapacity9xlarge",
    "instanceCapacityLarge",
    "instanceCapacityMedium",
    "instanceCapacityMetal",
    "instanceCapacityXlarge",
    "instanceFamily",
    "instanceTypeFamily",
    "instancesku",
    "intelAvx2Available",
    "intelAvxAvailable",
    "intelTurboAvailable",
    "location",
    "locationType",
    "maxIopsBurstPerformance",
    "maxIopsvolume",
    "maxThroughputvolume",
    "maxVolumeSize",
    "memory",
    "memoryGib",
    "networkPerformance",
    "normalizationSizeFactor",
    "physicalCores",
    "physicalCpu",
    "physicalGpu",
    "physicalProcessor",
    "processorArchitecture",
    "processorFeatures",
    "regionCode",
    "servicecode",
    "servicename",
    "storage",
    "storageMedia",
    "toLocation",
    "toLocationType",
    "toRegionCode",
    "usagetype",
    "vcpu",
    "vpcnetworkingsupport",
];

/// Whether an attribute, named as in JSON, is part of what a price is looked up by.
pub(super) fn tells_apart(name: &str) -> bool {
    DESCRIPTIVE.binary_search(&name).is_err()
}

/// An attribute's name in JSON for its name in the header of a CSV file: `Operating System` → `operatingSystem`.
pub(super) fn from_header(header: &str) -> String {
    match header {
        "Pre Installed S/W" => return "preInstalledSw".to_owned(),
        // Written without spaces they are in lower case: `usageType` → `usagetype`, `CapacityStatus` → `capacitystatus`.
        single if !single.contains(' ') => return single.to_ascii_lowercase(),
        _ => {}
    }
    let mut name = String::with_capacity(header.len());
    for word in header.split(' ') {
        let mut capital = !name.is_empty();
        // `IOPS/volume` is two parts of one word: `iopsvolume`.
        for part in word.split(|letter: char| !letter.is_ascii_alphanumeric()) {
            let abbreviation = !part.bytes().any(|letter| letter.is_ascii_lowercase());
            for (at, letter) in part.chars().enumerate() {
                name.push(match at {
                    0 if std::mem::take(&mut capital) => letter.to_ascii_uppercase(),
                    0 => letter.to_ascii_lowercase(),
                    _ if abbreviation => letter.to_ascii_lowercase(),
                    _ => letter,
                });
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_the_names_of_json() {
        for (header, name) in [
            ("Operating System", "operatingSystem"),
            ("Pre Installed S/W", "preInstalledSw"),
            ("CapacityStatus", "capacitystatus"),
            ("usageType", "usagetype"),
            ("operation", "operation"),
            ("License Model", "licenseModel"),
            ("Volume API Name", "volumeApiName"),
            ("Max IOPS/volume", "maxIopsvolume"),
            ("Intel AVX2 Available", "intelAvx2Available"),
            ("Cache Engine", "cacheEngine"),
            ("Region Code", "regionCode"),
            ("vCPU", "vcpu"),
            ("Group", "group"),
            ("Transfer Type", "transferType"),
        ] {
            assert_eq!(from_header(header), name);
        }
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(DESCRIPTIVE.is_sorted());
    }
}
