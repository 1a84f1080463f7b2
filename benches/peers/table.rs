//! The rows of a measurement: printed when they are measured, and written to a file that names the machine first.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

pub(crate) struct Table {
    file: File,
    columns: usize,
}

impl Table {
    /// Starts `{name}.tsv` in a directory. `machine`: lines for its head.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn begin(out: &Path, name: &str, machine: &[String], columns: &[&str]) -> io::Result<Self> {
        fs::create_dir_all(out)?;
        let mut file = File::create(out.join(format!("{name}.tsv")))?;
        for line in machine {
            writeln!(file, "# {line}")?;
        }
        writeln!(file, "{}", columns.join("\t"))?;
        println!("\n| {} |\n|{}", columns.join(" | "), " --- |".repeat(columns.len()));
        Ok(Self { file, columns: columns.len() })
    }

    /// # Errors
    /// If it cannot be written.
    pub(crate) fn row(&mut self, cells: &[String]) -> io::Result<()> {
        debug_assert_eq!(cells.len(), self.columns);
        println!("| {} |", cells.join(" | "));
        writeln!(self.file, "{}", cells.join("\t"))
    }

    /// Writes the reason for a missing row. `cells`: the cells that identify it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn without(&mut self, cells: &[String], reason: &str) -> io::Result<()> {
        println!("| {} | {reason} |", cells.join(" | "));
        writeln!(self.file, "# {}: {reason}", cells.join(" "))
    }
}

/// The value with two decimals, unless it is an integer.
pub(crate) fn cell(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.2}") }
}
