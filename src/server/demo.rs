//! The demonstration: five people who have talked a little, in a directory that vanishes at the end.

use crate::{
    protocol::{
        error::Refusal,
        ids::{MessageId, UserId},
        limit::DEMO_PASSWORD,
    },
    server::messenger::{Messenger, NewMessage, People, Result},
};

const PEOPLE: [(&str, &str); 5] =
    [("minsu", "김민수"), ("younghee", "이영희"), ("cheolsu", "박철수"), ("jiwoo", "최지우"), ("minsu2", "김민수")];

/// Where they work, as the table that an organisation would import.
const WORK: &str = "login,name,department,title
minsu,김민수,기획조정실/정보화기획과,주무관
younghee,이영희,기획조정실/정보화기획과,팀장
cheolsu,박철수,민원봉사국/민원여권과,주무관
jiwoo,최지우,기획조정실/예산담당관,주무관
minsu2,김민수,감사담당관,사무관
";

/// Who says what to whom, by their places in [`PEOPLE`].
const SAID: [(usize, usize, &str); 9] = [
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

/// Who has not read what was said to them, by their place in [`PEOPLE`].
const UNREAD: usize = 4;

/// Makes the people and lets them talk.
///
/// # Errors
/// [`Refusal::Unavailable`] when the store cannot save.
pub async fn fill(messenger: &Messenger) -> Result<()> {
    let mut people: Vec<UserId> = Vec::new();
    for (login, name) in PEOPLE {
        people.push(messenger.add_account(login, name, DEMO_PASSWORD, false).await?);
    }
    let work = People::read(WORK.as_bytes()).map_err(|_| Refusal::InvalidProfile)?;
    let work = work.plan(&messenger.accounts().await?).map_err(|_| Refusal::InvalidProfile)?;
    messenger.carry_out(work, |_, _| ()).await.map_err(|_| Refusal::Unavailable)?;
    for (author, other, body) in SAID {
        let room = messenger.open_direct(people[author], people[other]).await?;
        let message = NewMessage { id: MessageId::new(), body: body.to_owned(), reply_to: None };
        messenger.post(people[author], room, message).await?;
        // Who looks in begins with the people: of them only the last finds something unread.
        if other != UNREAD {
            messenger.mark_read(people[other], room, u64::MAX).await?;
        }
    }
    Ok(())
}

/// How to sign in, for the person who started it.
pub fn welcome(address: &str) -> String {
    let logins: Vec<String> = PEOPLE.iter().map(|(login, name)| format!("  {login:<9} {name}")).collect();
    format!(
        "\nDaehwa is running: {address}\nSign in as one of these, with the password \"{DEMO_PASSWORD}\":\n{}\n\
         Two browsers (or one and a private window) make a conversation. Ctrl-C ends it and all it holds.\n",
        logins.join("\n")
    )
}
