//! The demonstration: five users with a few messages, in a temporary directory.

use client::text::Lang;
use protocol::{
    error::Refusal,
    ids::{MessageId, UserId},
    limit::DEMO_PASSWORD,
    room_socket::Post,
};
use server::messenger::{Actor, Messenger, PeopleTable, Result};

const PEOPLE: [(&str, &str); 5] =
    [("minsu", "김민수"), ("younghee", "이영희"), ("cheolsu", "박철수"), ("jiwoo", "최지우"), ("minsu2", "김민수")];

/// Their departments, as a table that an organisation would import.
const WORK: &str = "login,name,department,title
minsu,김민수,기획조정실/정보화기획과,주무관
younghee,이영희,기획조정실/정보화기획과,팀장
cheolsu,박철수,민원봉사국/민원여권과,주무관
jiwoo,최지우,기획조정실/예산담당관,주무관
minsu2,김민수,감사담당관,사무관
";

/// Author, receiver and text; users by their index in [`PEOPLE`].
const MESSAGES: [(usize, usize, &str); 9] = [
    (1, 0, "민수님, 오후 회의 시간 바뀐 거 보셨어요?"),
    (1, 0, "장소도 같이 바뀌었습니다."),
    (0, 1, "아직이요! 몇 시로 됐나요?"),
    (1, 0, "3시, 회의실 B로 옮겼어요 🙂"),
    (0, 2, "철수님, 돌아오시면 민원 처리 현황 확인 부탁드립니다."),
    (3, 0, "보고서 초안 올렸습니다. 시간 되실 때 봐 주세요."),
    (4, 0, "감사담당관 김민수입니다. 이름이 같아서 메일이 저한테 왔네요."),
    (0, 4, "아이고, 고맙습니다. 전달 부탁드립니다!"),
    (3, 1, "영희님 내일 점심 같이 하실래요?"),
];

/// The index in [`PEOPLE`] of the user who has read nothing.
const UNREAD: usize = 4;

/// Creates the accounts and posts the messages.
///
/// # Errors
/// [`Refusal::Unavailable`] if the store cannot save.
pub async fn fill(messenger: &Messenger) -> Result<()> {
    let mut people: Vec<UserId> = Vec::new();
    for (login, name) in PEOPLE {
        people.push(messenger.accounts().add(login, name, DEMO_PASSWORD, false).await?);
    }
    let work = PeopleTable::read(WORK.as_bytes()).map_err(|_| Refusal::InvalidProfile)?;
    let work = work.plan(&messenger.accounts().all().await?).map_err(|_| Refusal::InvalidProfile)?;
    messenger.accounts().import(work, |_, _| ()).await.map_err(|_| Refusal::Unavailable)?;
    for (author, other, body) in MESSAGES {
        let room = messenger.rooms().open_direct(Actor::operator(people[author]), people[other]).await?;
        let message = Post::new(MessageId::new(), body);
        messenger.messages().post(Actor::operator(people[author]), room, message).await?;
        // Visitors sign in as the first users of the list, and have no unread messages.
        if other != UNREAD {
            messenger.messages().mark_read(Actor::operator(people[other]), room, u64::MAX).await?;
        }
    }
    Ok(())
}

/// Tells the operator how to sign in.
pub fn welcome(address: &str, lang: Lang) -> String {
    let logins: Vec<String> = PEOPLE.iter().map(|(login, name)| format!("  {login:<9} {name}")).collect();
    let logins = logins.join("\n");
    match lang {
        Lang::Ko => format!(
            "\n대화가 실행 중입니다: {address}\n아래 아이디 가운데 하나로 로그인하세요. 비밀번호는 \"{DEMO_PASSWORD}\"입니다.\n{logins}\n\
             브라우저 두 개(또는 시크릿 창)로 로그인하면 서로 대화할 수 있습니다. Ctrl-C를 누르면 끝나고, 내용은 모두 지워집니다.\n"
        ),
        Lang::En => format!(
            "\nDaehwa is running: {address}\nSign in as one of these people, with the password \"{DEMO_PASSWORD}\":\n{logins}\n\
             To talk to yourself, sign in as another one in a private window. Ctrl-C stops the server and deletes everything.\n"
        ),
    }
}
