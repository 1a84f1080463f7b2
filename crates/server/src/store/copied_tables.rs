//! The tables that a copy of a database moves, in the order in which their rows refer to each other. Both engines name
//! tables and columns alike.

/// A table, its columns, and the order of its rows.
pub(crate) struct CopiedTable {
    pub(crate) name: &'static str,
    pub(crate) order: &'static str,
    pub(crate) columns: &'static [CopiedColumn],
}

pub(crate) struct CopiedColumn {
    pub(crate) name: &'static str,
    pub(crate) column_type: ColumnType,
}

/// What a column holds.
#[derive(Clone, Copy)]
pub(crate) enum ColumnType {
    Id,
    Integer,
    Boolean,
    Text,
    Bytes,
}

impl ColumnType {
    /// PostgreSQL's name of the type.
    pub(crate) fn array(self) -> &'static str {
        match self {
            Self::Id => "uuid",
            Self::Integer => "bigint",
            Self::Boolean => "boolean",
            Self::Text => "text",
            Self::Bytes => "bytea",
        }
    }
}

const fn column(name: &'static str, column_type: ColumnType) -> CopiedColumn {
    CopiedColumn { name, column_type }
}

/// Tables with a sequence for their column `number`.
pub(crate) const IDENTITIES: [&str; 4] = ["mentions", "pins", "bookmarks", "scheduled"];

pub(crate) static COPIED: &[CopiedTable] = &[
    CopiedTable {
        name: "users",
        order: "id",
        columns: &[
            column("id", ColumnType::Id),
            column("login", ColumnType::Text),
            column("name", ColumnType::Text),
            column("password", ColumnType::Text),
            column("password_at", ColumnType::Integer),
            column("disabled", ColumnType::Boolean),
            column("created_at", ColumnType::Integer),
            column("department", ColumnType::Text),
            column("title", ColumnType::Text),
            column("email", ColumnType::Text),
            column("sort_order", ColumnType::Integer),
            column("department_order", ColumnType::Integer),
            column("is_busy", ColumnType::Boolean),
            column("status", ColumnType::Text),
            column("status_until", ColumnType::Integer),
            column("absent_from", ColumnType::Integer),
            column("absent_until", ColumnType::Integer),
            column("absence_text", ColumnType::Text),
            column("changed", ColumnType::Integer),
        ],
    },
    CopiedTable {
        name: "sessions",
        order: "id",
        columns: &[
            column("id", ColumnType::Bytes),
            column("user", ColumnType::Id),
            column("expires_at", ColumnType::Integer),
            column("created_at", ColumnType::Integer),
            column("agent", ColumnType::Text),
        ],
    },
    CopiedTable {
        name: "ended_sessions",
        order: "number",
        columns: &[
            column("number", ColumnType::Integer),
            column("id", ColumnType::Bytes),
            column("user", ColumnType::Id),
        ],
    },
    CopiedTable {
        name: "devices",
        order: "\"user\", id",
        columns: &[
            column("user", ColumnType::Id),
            column("id", ColumnType::Bytes),
            column("seen_at", ColumnType::Integer),
        ],
    },
    CopiedTable {
        name: "favourites",
        order: "\"user\", favourite",
        columns: &[column("user", ColumnType::Id), column("favourite", ColumnType::Id)],
    },
    CopiedTable {
        name: "settings",
        order: "\"user\"",
        columns: &[column("user", ColumnType::Id), column("value", ColumnType::Text)],
    },
    CopiedTable {
        name: "absence_answers",
        order: "\"user\", other",
        columns: &[column("user", ColumnType::Id), column("other", ColumnType::Id), column("day", ColumnType::Integer)],
    },
    CopiedTable {
        name: "rooms",
        order: "id",
        columns: &[
            column("id", ColumnType::Id),
            column("version", ColumnType::Integer),
            column("created_at", ColumnType::Integer),
            column("is_group", ColumnType::Boolean),
            column("title", ColumnType::Text),
            column("active_at", ColumnType::Integer),
            column("pins_by_maker", ColumnType::Boolean),
        ],
    },
    CopiedTable {
        name: "directs",
        order: "low, high",
        columns: &[column("low", ColumnType::Id), column("high", ColumnType::Id), column("room", ColumnType::Id)],
    },
    CopiedTable {
        name: "memberships",
        order: "room, \"user\"",
        columns: &[
            column("room", ColumnType::Id),
            column("user", ColumnType::Id),
            column("last_read", ColumnType::Integer),
            column("since", ColumnType::Integer),
            column("joined_at", ColumnType::Integer),
            column("left_at", ColumnType::Integer),
            column("hidden_at", ColumnType::Integer),
            column("is_muted", ColumnType::Boolean),
            column("mentions_only", ColumnType::Boolean),
            column("is_pinned", ColumnType::Boolean),
        ],
    },
    CopiedTable {
        name: "messages",
        order: "room, seq",
        columns: &[
            column("room", ColumnType::Id),
            column("seq", ColumnType::Integer),
            column("version", ColumnType::Integer),
            column("id", ColumnType::Id),
            column("author", ColumnType::Id),
            column("body", ColumnType::Text),
            column("sent_at", ColumnType::Integer),
            column("edited_at", ColumnType::Integer),
            column("recalled", ColumnType::Integer),
            column("reply_to", ColumnType::Id),
            column("line", ColumnType::Text),
            column("number", ColumnType::Integer),
            column("mentions", ColumnType::Text),
            column("forwarded", ColumnType::Text),
            column("asks_confirmation", ColumnType::Boolean),
        ],
    },
    CopiedTable {
        name: "reactions",
        order: "room, seq",
        columns: &[
            column("room", ColumnType::Id),
            column("seq", ColumnType::Integer),
            column("emoji", ColumnType::Text),
            column("user", ColumnType::Id),
            column("version", ColumnType::Integer),
        ],
    },
    CopiedTable {
        name: "confirmations",
        order: "room, seq",
        columns: &[
            column("room", ColumnType::Id),
            column("seq", ColumnType::Integer),
            column("user", ColumnType::Id),
            column("version", ColumnType::Integer),
        ],
    },
    CopiedTable {
        name: "mentions",
        order: "number",
        columns: &[
            column("number", ColumnType::Integer),
            column("user", ColumnType::Id),
            column("room", ColumnType::Id),
            column("seq", ColumnType::Integer),
        ],
    },
    CopiedTable {
        name: "pins",
        order: "number",
        columns: &[
            column("number", ColumnType::Integer),
            column("room", ColumnType::Id),
            column("seq", ColumnType::Integer),
            column("user", ColumnType::Id),
            column("is_announcement", ColumnType::Boolean),
        ],
    },
    CopiedTable {
        name: "bookmarks",
        order: "number",
        columns: &[
            column("number", ColumnType::Integer),
            column("user", ColumnType::Id),
            column("room", ColumnType::Id),
            column("seq", ColumnType::Integer),
        ],
    },
    CopiedTable {
        name: "scheduled",
        order: "number",
        columns: &[
            column("number", ColumnType::Integer),
            column("id", ColumnType::Id),
            column("room", ColumnType::Id),
            column("author", ColumnType::Id),
            column("due_at", ColumnType::Integer),
            column("body", ColumnType::Text),
            column("reply_to", ColumnType::Id),
            column("mentions", ColumnType::Text),
            column("failed", ColumnType::Text),
            column("changed", ColumnType::Boolean),
            column("asks_confirmation", ColumnType::Boolean),
        ],
    },
    CopiedTable {
        name: "unscheduled",
        order: "id",
        columns: &[
            column("id", ColumnType::Id),
            column("author", ColumnType::Id),
            column("deleted_at", ColumnType::Integer),
        ],
    },
    CopiedTable {
        name: "blobs",
        order: "hash",
        columns: &[
            column("hash", ColumnType::Bytes),
            column("size", ColumnType::Integer),
            column("refs", ColumnType::Integer),
        ],
    },
    CopiedTable {
        name: "uploads",
        order: "id",
        columns: &[
            column("id", ColumnType::Id),
            column("owner", ColumnType::Id),
            column("name", ColumnType::Text),
            column("length", ColumnType::Integer),
            column("is_original", ColumnType::Boolean),
            column("created_at", ColumnType::Integer),
            column("expires_at", ColumnType::Integer),
        ],
    },
    CopiedTable {
        name: "files",
        order: "id",
        columns: &[
            column("id", ColumnType::Id),
            column("owner", ColumnType::Id),
            column("blob", ColumnType::Bytes),
            column("name", ColumnType::Text),
            column("folded_name", ColumnType::Text),
            column("media_type", ColumnType::Text),
            column("size", ColumnType::Integer),
            column("upload_length", ColumnType::Integer),
            column("preview", ColumnType::Bytes),
            column("preview_type", ColumnType::Text),
            column("width", ColumnType::Integer),
            column("height", ColumnType::Integer),
            column("created_at", ColumnType::Integer),
            column("room", ColumnType::Id),
            column("seq", ColumnType::Integer),
            column("nth", ColumnType::Integer),
            column("text", ColumnType::Text),
        ],
    },
    CopiedTable {
        name: "used_bytes",
        order: "owner",
        columns: &[column("owner", ColumnType::Id), column("bytes", ColumnType::Integer)],
    },
    CopiedTable {
        name: "used_bytes_of_all",
        order: "one",
        columns: &[column("one", ColumnType::Integer), column("bytes", ColumnType::Integer)],
    },
    CopiedTable {
        name: "refused_uploads",
        order: "id",
        columns: &[
            column("id", ColumnType::Id),
            column("owner", ColumnType::Id),
            column("refusal", ColumnType::Text),
            column("refused_at", ColumnType::Integer),
        ],
    },
];
