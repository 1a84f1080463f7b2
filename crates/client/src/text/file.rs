//! The texts of the part with files. They load with it.

use std::{ops::Deref, ptr};

use crate::text::{Lang, Words, lang, words::texts};

texts! {
    /// The texts of tray, viewer and list of files, in one language.
    FileWords {
        tray,
        original,
        waiting,
        uploaded,
        missing,
        choose_file,
        cancel_file,
        retry_upload,
        retry_file,
        take_back,
        too_many_files,
        large_file,
        proxy,
        unreadable,
        files_added,
        upload_percent,
        upload_failed,
        upload_removed,
        viewer,
        position_of,
        previous,
        zoom_in,
        zoom_out,
        find_files,
        no_files,
        older_files,
        to_message,
    }
}

impl Lang {
    pub fn file_words(self) -> &'static FileWords {
        match self {
            Self::Ko => &KOREAN,
            Self::En => &ENGLISH,
        }
    }
}

/// Gives access to the other texts in the same language.
impl Deref for FileWords {
    type Target = Words;

    fn deref(&self) -> &Words {
        if ptr::eq(self, &KOREAN) { Lang::Ko.words() } else { Lang::En.words() }
    }
}

pub fn file_words() -> &'static FileWords {
    lang().file_words()
}

static KOREAN: FileWords = FileWords {
    tray: "보낼 파일",
    original: "원본으로 보내기",
    waiting: "대기 중",
    uploaded: "올림",
    missing: "같은 파일을 다시 선택하면 이어서 올립니다.",
    choose_file: "파일 선택",
    cancel_file: "{name} 취소",
    retry_upload: "다시 시도",
    retry_file: "{name} 다시 시도",
    take_back: "보내기 취소",
    too_many_files: "한 번에 파일 {count}개까지 보낼 수 있습니다.",
    large_file: "{name}: 파일이 너무 큽니다. {others}까지 보낼 수 있습니다.",
    proxy: "서버 앞의 프록시가 큰 요청을 막고 있습니다. 관리자에게 nginx의 client_max_body_size를 0으로 바꿔 달라고 요청해 주세요.",
    unreadable: "파일을 읽을 수 없습니다. 다시 선택해 주세요.",
    files_added: "파일 {count}개를 추가했습니다.",
    upload_percent: "파일 올리는 중 {count}%",
    upload_failed: "{name}: 올리지 못했습니다.",
    upload_removed: "{name}: 보내지 않습니다.",
    viewer: "사진 보기",
    position_of: "{others}장 중 {name}번째",
    previous: "이전",
    zoom_in: "확대",
    zoom_out: "축소",
    find_files: "파일 이름으로 찾기",
    no_files: "아직 주고받은 파일이 없습니다. 입력란 옆의 ‘파일’로 보낼 수 있습니다.",
    older_files: "이전 파일 더 보기",
    to_message: "메시지로 이동",
};

static ENGLISH: FileWords = FileWords {
    tray: "Files to send",
    original: "Send originals",
    waiting: "Waiting",
    uploaded: "Uploaded",
    missing: "Choose the same file again to continue.",
    choose_file: "Choose file",
    cancel_file: "Cancel {name}",
    retry_upload: "Retry",
    retry_file: "Retry {name}",
    take_back: "Cancel sending",
    too_many_files: "At most {count} files at a time.",
    large_file: "{name}: the file is too large. The limit is {others}.",
    proxy: "A proxy in front of the server blocks large requests. Ask the administrator to set client_max_body_size to 0 in nginx.",
    unreadable: "The file cannot be read. Please choose it again.",
    files_added: "{count} files added.",
    upload_percent: "Uploading, {count}%",
    upload_failed: "{name}: not uploaded.",
    upload_removed: "{name}: will not be sent.",
    viewer: "Picture viewer",
    position_of: "{name} of {others}",
    previous: "Previous",
    zoom_in: "Zoom in",
    zoom_out: "Zoom out",
    find_files: "Find by file name",
    no_files: "No files yet. Send one with “File” next to the message field.",
    older_files: "Earlier files",
    to_message: "Go to the message",
};
