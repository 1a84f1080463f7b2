//! `[daehwa.storage]`: where data is, and how much space files may take.

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use clap::{Args, value_parser};
use server::{
    files::{BucketUrl, Scanner},
    model::DatabaseUrl,
};

#[derive(Clone, Debug, Args)]
#[group(id = "storage")]
#[command(next_help_heading = "Files (0: unlimited)")]
pub struct StorageSettings {
    /// Bytes of one file, e.g. 100M or 2G
    #[arg(long, env = "DAEHWA_FILE_LIMIT", value_name = "SIZE", default_value = "100M")]
    pub file_limit: ByteSize,
    /// Bytes of all files of one person
    #[arg(long, env = "DAEHWA_QUOTA_PER_PERSON", value_name = "SIZE", default_value = "0")]
    pub quota_per_person: ByteSize,
    /// Bytes of all files
    #[arg(long, env = "DAEHWA_QUOTA", value_name = "SIZE", default_value = "0")]
    pub quota: ByteSize,
    /// The share of the disk, in percent, from which on no file is taken; messages still are
    #[arg(
        long,
        env = "DAEHWA_DISK_WATERMARK",
        value_name = "PERCENT",
        default_value = "90",
        value_parser = value_parser!(u8).range(0..=100)
    )]
    pub disk_watermark: u8,
    /// Who looks for malware in files: clamd://HOST:PORT, unix:/path/to/clamd.sock, or command:/path/to/program, which is
    /// run with the file's path and exits with 0 for clean, 1 for infected. A file that cannot be scanned is refused
    #[arg(long, env = "DAEHWA_SCAN", value_name = "SCANNER")]
    pub scan: Option<Scanner>,
    /// Where the bytes of files are, if not in the data directory: s3://BUCKET/PREFIX. Its address and keys are in the
    /// environment: AWS_ENDPOINT_URL or AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY
    #[arg(long, env = "DAEHWA_FILES", value_name = "URL")]
    pub files: Option<BucketUrl>,
    /// A PostgreSQL database for everything but the bytes of files: postgres://USER:PASSWORD@HOST:PORT/DATABASE. Without
    /// it, the data directory has the database
    #[arg(long, env = "DAEHWA_DATABASE", hide_env_values = true, value_name = "URL", global = true)]
    pub database: Option<DatabaseUrl>,
}

/// A number of bytes: `1048576`, `1024K`, `1M`; also `G` and `T`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSize(pub u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of bytes with K, M, G or T behind it, e.g. 100M")]
pub struct InvalidByteSize;

const UNITS: [(&str, u32); 4] = [("K", 10), ("M", 20), ("G", 30), ("T", 40)];

impl FromStr for ByteSize {
    type Err = InvalidByteSize;

    fn from_str(text: &str) -> Result<Self, InvalidByteSize> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_suffix("IB").or_else(|| text.strip_suffix('B')).unwrap_or(&text);
        let unit = UNITS.iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift)));
        let (number, shift) = unit.unwrap_or((text, 0));
        let number: u64 = number.trim_end().parse().map_err(|_| InvalidByteSize)?;
        number.checked_mul(1 << shift).map(Self).ok_or(InvalidByteSize)
    }
}

impl Display for ByteSize {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let fits = |shift: &u32| self.0 > 0 && self.0.trailing_zeros() >= *shift;
        match UNITS.iter().rev().find(|(_, shift)| fits(shift)) {
            Some((unit, shift)) => write!(f, "{}{unit}", self.0 >> shift),
            None => self.0.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_with_a_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("1000", 1_000),
            ("1k", 1 << 10),
            ("100M", 100 << 20),
            ("100 MiB", 100 << 20),
            ("2GB", 2 << 30),
            ("1T", 1 << 40),
            ("5B", 5),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for text in ["", "M", "-1M", "1.5G", "1X", "99999999T", "18446744073709551616"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
        assert_eq!([0, 1000, 100 << 20, 1 << 40].map(|bytes| ByteSize(bytes).to_string()), ["0", "1000", "100M", "1T"]);
    }
}
