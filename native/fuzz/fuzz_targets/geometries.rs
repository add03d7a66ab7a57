#![no_main]
heliocube_fuzz::fuzz_entry!("geometries");
