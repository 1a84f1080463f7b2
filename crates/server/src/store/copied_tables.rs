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
    pub(crate) kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Id,
    Integer,
    Boolean,
    Text,
    Bytes,
}

impl Kind {
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

const fn column(name: &'static str, kind: Kind) -> CopiedColumn {
    CopiedColumn { name, kind }
}

/// Tables with a sequence for their column `number`.
pub(crate) const IDENTITIES: [&str; 4] = ["mentions", "pins", "bookmarks", "scheduled"];

pub(crate) static COPIED: &[CopiedTable] = &[
    CopiedTable {
        name: "users",
        order: "id",
        columns: &[
            column("id", Kind::Id),
            column("login", Kind::Text),
            column("name", Kind::Text),
            column("password", Kind::Text),
            column("password_at", Kind::Integer),
            column("disabled", Kind::Boolean),
            column("created_at", Kind::Integer),
            column("department", Kind::Text),
            column("title", Kind::Text),
            column("email", Kind::Text),
            column("sort_order", Kind::Integer),
            column("department_order", Kind::Integer),
            column("is_busy", Kind::Boolean),
            column("status", Kind::Text),
            column("status_until", Kind::Integer),
            column("absent_from", Kind::Integer),
            column("absent_until", Kind::Integer),
            column("absence_text", Kind::Text),
            column("changed", Kind::Integer),
        ],
    },
    CopiedTable {
        name: "sessions",
        order: "id",
        columns: &[
            column("id", Kind::Bytes),
            column("user", Kind::Id),
            column("expires_at", Kind::Integer),
            column("created_at", Kind::Integer),
            column("agent", Kind::Text),
        ],
    },
    CopiedTable {
        name: "ended_sessions",
        order: "number",
        columns: &[column("number", Kind::Integer), column("id", Kind::Bytes), column("user", Kind::Id)],
    },
    CopiedTable {
        name: "devices",
        order: "\"user\", id",
        columns: &[column("user", Kind::Id), column("id", Kind::Bytes), column("seen_at", Kind::Integer)],
    },
    CopiedTable {
        name: "favourites",
        order: "\"user\", favourite",
        columns: &[column("user", Kind::Id), column("favourite", Kind::Id)],
    },
    CopiedTable {
        name: "settings",
        order: "\"user\"",
        columns: &[column("user", Kind::Id), column("value", Kind::Text)],
    },
    CopiedTable {
        name: "absence_answers",
        order: "\"user\", other",
        columns: &[column("user", Kind::Id), column("other", Kind::Id), column("day", Kind::Integer)],
    },
    CopiedTable {
        name: "rooms",
        order: "id",
        columns: &[
            column("id", Kind::Id),
            column("version", Kind::Integer),
            column("created_at", Kind::Integer),
            column("is_group", Kind::Boolean),
            column("title", Kind::Text),
            column("active_at", Kind::Integer),
            column("pins_by_maker", Kind::Boolean),
        ],
    },
    CopiedTable {
        name: "directs",
        order: "low, high",
        columns: &[column("low", Kind::Id), column("high", Kind::Id), column("room", Kind::Id)],
    },
    CopiedTable {
        name: "memberships",
        order: "room, \"user\"",
        columns: &[
            column("room", Kind::Id),
            column("user", Kind::Id),
            column("last_read", Kind::Integer),
            column("since", Kind::Integer),
            column("joined_at", Kind::Integer),
            column("left_at", Kind::Integer),
            column("hidden_at", Kind::Integer),
            column("is_muted", Kind::Boolean),
            column("mentions_only", Kind::Boolean),
            column("is_pinned", Kind::Boolean),
        ],
    },
    CopiedTable {
        name: "messages",
        order: "room, seq",
        columns: &[
            column("room", Kind::Id),
            column("seq", Kind::Integer),
            column("version", Kind::Integer),
            column("id", Kind::Id),
            column("author", Kind::Id),
            column("body", Kind::Text),
            column("sent_at", Kind::Integer),
            column("edited_at", Kind::Integer),
            column("recalled", Kind::Integer),
            column("reply_to", Kind::Id),
            column("line", Kind::Text),
            column("number", Kind::Integer),
            column("mentions", Kind::Text),
            column("forwarded", Kind::Text),
            column("asks_confirmation", Kind::Boolean),
        ],
    },
    CopiedTable {
        name: "reactions",
        order: "room, seq",
        columns: &[
            column("room", Kind::Id),
            column("seq", Kind::Integer),
            column("emoji", Kind::Text),
            column("user", Kind::Id),
            column("version", Kind::Integer),
        ],
    },
    CopiedTable {
        name: "confirmations",
        order: "room, seq",
        columns: &[
            column("room", Kind::Id),
            column("seq", Kind::Integer),
            column("user", Kind::Id),
            column("version", Kind::Integer),
        ],
    },
    CopiedTable {
        name: "mentions",
        order: "number",
        columns: &[
            column("number", Kind::Integer),
            column("user", Kind::Id),
            column("room", Kind::Id),
            column("seq", Kind::Integer),
        ],
    },
    CopiedTable {
        name: "pins",
        order: "number",
        columns: &[
            column("number", Kind::Integer),
            column("room", Kind::Id),
            column("seq", Kind::Integer),
            column("user", Kind::Id),
            column("is_announcement", Kind::Boolean),
        ],
    },
    CopiedTable {
        name: "bookmarks",
        order: "number",
        columns: &[
            column("number", Kind::Integer),
            column("user", Kind::Id),
            column("room", Kind::Id),
            column("seq", Kind::Integer),
        ],
    },
    CopiedTable {
        name: "scheduled",
        order: "number",
        columns: &[
            column("number", Kind::Integer),
            column("id", Kind::Id),
            column("room", Kind::Id),
            column("author", Kind::Id),
            column("due_at", Kind::Integer),
            column("body", Kind::Text),
            column("reply_to", Kind::Id),
            column("mentions", Kind::Text),
            column("failed", Kind::Text),
            column("changed", Kind::Boolean),
            column("asks_confirmation", Kind::Boolean),
        ],
    },
    CopiedTable {
        name: "unscheduled",
        order: "id",
        columns: &[column("id", Kind::Id), column("author", Kind::Id), column("deleted_at", Kind::Integer)],
    },
    CopiedTable {
        name: "blobs",
        order: "hash",
        columns: &[column("hash", Kind::Bytes), column("size", Kind::Integer), column("refs", Kind::Integer)],
    },
    CopiedTable {
        name: "uploads",
        order: "id",
        columns: &[
            column("id", Kind::Id),
            column("owner", Kind::Id),
            column("name", Kind::Text),
            column("length", Kind::Integer),
            column("is_original", Kind::Boolean),
            column("created_at", Kind::Integer),
            column("expires_at", Kind::Integer),
        ],
    },
    CopiedTable {
        name: "files",
        order: "id",
        columns: &[
            column("id", Kind::Id),
            column("owner", Kind::Id),
            column("blob", Kind::Bytes),
            column("name", Kind::Text),
            column("folded_name", Kind::Text),
            column("media_type", Kind::Text),
            column("size", Kind::Integer),
            column("upload_length", Kind::Integer),
            column("preview", Kind::Bytes),
            column("preview_type", Kind::Text),
            column("width", Kind::Integer),
            column("height", Kind::Integer),
            column("created_at", Kind::Integer),
            column("room", Kind::Id),
            column("seq", Kind::Integer),
            column("nth", Kind::Integer),
            column("text", Kind::Text),
        ],
    },
    CopiedTable {
        name: "used_bytes",
        order: "owner",
        columns: &[column("owner", Kind::Id), column("bytes", Kind::Integer)],
    },
    CopiedTable {
        name: "used_bytes_of_all",
        order: "one",
        columns: &[column("one", Kind::Integer), column("bytes", Kind::Integer)],
    },
    CopiedTable {
        name: "refused_uploads",
        order: "id",
        columns: &[
            column("id", Kind::Id),
            column("owner", Kind::Id),
            column("refusal", Kind::Text),
            column("refused_at", Kind::Integer),
        ],
    },
];
