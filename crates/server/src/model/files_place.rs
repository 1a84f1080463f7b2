//! The one place of the files of a shared database.

/// What kind of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilesPlaceKind {
    /// A data directory, which all nodes have in common.
    Disk,
    Bucket,
}

/// The place of all files of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesPlace {
    pub kind: FilesPlaceKind,
    /// The id in the file `files/place` of the data directory, or the owner of the bucket. It has no spaces.
    pub id: String,
    /// The database that recorded it. A copy of the database has the same record, and another name.
    pub database: String,
}

impl FilesPlace {
    /// Whether both are the same place, whichever database says so.
    pub fn is_at(&self, other: &Self) -> bool {
        (self.kind, &self.id) == (other.kind, &other.id)
    }

    /// Its text in the database: kind, id and database, separated by spaces.
    pub fn text(&self) -> String {
        let kind = match self.kind {
            FilesPlaceKind::Disk => "disk",
            FilesPlaceKind::Bucket => "bucket",
        };
        format!("{kind} {} {}", self.id, self.database)
    }

    /// The place of a text; `None` if this version of the program cannot read it.
    pub fn of_text(text: &str) -> Option<Self> {
        let mut words = text.splitn(3, ' ');
        let kind = match words.next()? {
            "disk" => FilesPlaceKind::Disk,
            "bucket" => FilesPlaceKind::Bucket,
            _ => return None,
        };
        Some(Self { kind, id: words.next()?.to_owned(), database: words.next()?.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_it_was_written() {
        for kind in [FilesPlaceKind::Disk, FilesPlaceKind::Bucket] {
            let place = FilesPlace { kind, id: "1f".into(), database: "7 16384".into() };
            assert_eq!(FilesPlace::of_text(&place.text()), Some(place));
        }
        assert_eq!(FilesPlace::of_text("tape 1 2"), None);
    }
}
