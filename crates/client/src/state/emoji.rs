//! The emojis of the panel, by category, with names in both languages; the search by name, and the recently used
//! emojis. The names are our own: CLDR's would be ten times as long.

use crate::state::keystrokes::{contains, keys};

/// Recently used emojis that are kept: two rows.
const RECENT: usize = 16;

/// An emoji and its names, Korean and English, as one text for the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Emoji {
    pub emoji: &'static str,
    pub names: &'static str,
}

/// Categories in the order of the panel. A line is an emoji and its names. A character with text presentation by
/// default has U+FE0F after it (UTS #51).
pub const CATEGORIES: [&str; 6] = [FACES, PEOPLE, SIGNS, WORK, FOOD, NATURE];

const FACES: &str = "😀 웃음 기쁨 grin
😄 활짝 웃음 smile
😁 씩 웃음 beam
😆 크게 웃음 laugh
😅 식은땀 sweat smile
😂 눈물 나게 웃음 joy tears
🤣 데굴데굴 rofl
🙂 미소 slight smile
😉 윙크 wink
😊 흐뭇 blush
😇 천사 angel
🥰 사랑 듬뿍 adore
😍 하트 눈 heart eyes
😘 뽀뽀 kiss
😋 맛있다 yummy
😜 메롱 tongue
🤔 생각 고민 think
🤨 의심 눈썹 eyebrow
😐 무표정 neutral
😑 할 말 없음 expressionless
🙄 눈 굴림 eye roll
😏 능글 smirk
😌 안도 relieved
😴 잠 sleep
😷 마스크 mask
🤒 열 아픔 sick fever
🤕 다침 hurt
🥴 어질어질 woozy
😎 선글라스 멋짐 cool
🤓 공부 안경 nerd
🧐 관찰 monocle
😕 갸우뚱 confused
😟 걱정 worried
🙁 시무룩 frown
😮 놀람 wow
😲 깜짝 astonished
😳 당황 flushed
🥺 부탁 간절 please
😢 슬픔 눈물 sad cry
😭 엉엉 sob
😤 콧김 huff
😠 화남 angry
😡 분노 rage
🤯 머리 터짐 mind blown
🥳 축하 파티 party
🤗 포옹 hug
🤭 쿡쿡 giggle
🤫 쉿 조용 hush
😱 비명 무서움 scream
🥱 하품 yawn
🫠 녹음 melting
🤩 반함 star eyes
🙃 거꾸로 upside down
😬 어색 grimace
🤝 악수 협력 handshake deal
👻 유령 ghost";

const PEOPLE: &str = "👍 좋아요 최고 like thumbs up
👎 싫어요 dislike thumbs down
👌 오케이 ok
👏 박수 clap
🙌 만세 hooray
🙏 부탁 감사 기도 thanks please pray
💪 힘 파이팅 strong
👋 안녕 인사 hello bye wave
✌️ 브이 승리 peace victory
🤞 행운 fingers crossed
👆 위 up
👇 아래 down
👉 오른쪽 right
👈 왼쪽 left
✋ 손 멈춤 stop hand
🫡 경례 salute
🫶 손하트 heart hands
👀 눈 보는 중 eyes look
🧠 뇌 brain
🙋 저요 손들기 raise hand
🙇 죄송 꾸벅 bow sorry
🤷 모름 shrug
🤦 이마 facepalm
🏃 달리기 급함 run
🚶 걷기 walk
👶 아기 baby
👨‍👩‍👧 가족 family
👥 사람들 people";

const SIGNS: &str = "❤️ 하트 사랑 love heart
🧡 주황 하트 orange heart
💛 노란 하트 yellow heart
💚 초록 하트 green heart
💙 파란 하트 blue heart
💜 보라 하트 purple heart
🖤 검은 하트 black heart
💔 깨진 하트 broken heart
💯 백점 만점 hundred
✅ 확인 완료 done check
❌ 엑스 아님 no cross
❓ 물음표 질문 question
❗ 느낌표 중요 important
⚠️ 주의 경고 warning
🚫 금지 forbidden
⭐ 별 star
🔥 불 열정 fire hot
✨ 반짝 sparkles
💤 졸림 zzz
💬 말풍선 speech
➕ 더하기 plus
➖ 빼기 minus
🔴 빨강 red
🟡 노랑 yellow
🟢 초록 green
🔵 파랑 blue
🆗 오케이 ok
🔔 알림 종 bell";

const WORK: &str = "📝 메모 memo
📌 고정 압정 pin
📎 클립 첨부 clip attach
📅 달력 일정 calendar
📁 폴더 folder
📄 문서 document
📊 막대그래프 chart
📈 상승 rise
📉 하락 fall
📞 전화 phone call
📧 메일 mail
💻 노트북 컴퓨터 laptop
🖨️ 프린터 인쇄 printer
🔒 잠금 lock
🔑 열쇠 key
💡 아이디어 전구 idea
🔍 찾기 돋보기 search
📢 공지 확성기 announce
📣 응원 확성기 cheer
⏰ 알람 시계 alarm
⏳ 모래시계 기다림 hourglass wait
🚀 로켓 출시 rocket launch
🛠️ 공구 수리 tools fix
⚙️ 설정 톱니 gear
📦 상자 택배 box
🗑️ 휴지통 trash
✏️ 연필 pencil
✂️ 가위 scissors
💰 돈 예산 money budget
🏆 우승 트로피 trophy
🎯 목표 과녁 target
🎉 축하 폭죽 tada party
🎊 축하 celebrate
🎁 선물 gift
🎂 생일 케이크 birthday cake
🎵 음악 노래 music";

const FOOD: &str = "☕ 커피 coffee
🍵 차 녹차 tea
🍚 밥 rice
🍜 라면 국수 noodles
🍲 찌개 stew
🍱 도시락 lunch box
🍕 피자 pizza
🍔 햄버거 burger
🍗 치킨 chicken
🍞 빵 bread
🥗 샐러드 salad
🍎 사과 apple
🍓 딸기 strawberry
🍉 수박 watermelon
🍰 조각 케이크 cake
🍪 쿠키 과자 cookie
🍦 아이스크림 ice cream
🍺 맥주 beer
🍻 건배 cheers
🍷 와인 wine
🥤 음료 drink
🍽️ 식사 meal";

const NATURE: &str = "🚗 자동차 car
🚌 버스 bus
🚇 지하철 subway
🚄 기차 train
✈️ 비행기 출장 plane trip
🏠 집 home
🏢 회사 건물 office
🏥 병원 hospital
🏖️ 휴가 바다 beach vacation
🗺️ 지도 map
🌞 해 맑음 sun
☁️ 구름 흐림 cloud
🌧️ 비 rain
⛄ 눈사람 snowman
⚡ 번개 lightning
🌈 무지개 rainbow
🌙 달 밤 moon night
🌸 벚꽃 봄 cherry blossom
🌿 풀 잎 leaf
🍁 단풍 가을 autumn maple
🌳 나무 tree
🐶 강아지 개 dog
🐱 고양이 cat
🐻 곰 bear
🐰 토끼 rabbit
🐷 돼지 pig
🐢 거북이 느림 turtle slow
⚽ 축구 공 soccer
⚾ 야구 baseball
🎮 게임 game";

/// The emojis of a category.
pub fn of_category(category: &'static str) -> impl Iterator<Item = Emoji> {
    category.lines().filter_map(|line| line.split_once(' ')).map(|(emoji, names)| Emoji { emoji, names })
}

/// The emojis whose names contain a query; initial consonants match, too.
pub fn found(query: &str) -> Vec<Emoji> {
    let query = keys(query.trim());
    let all = CATEGORIES.into_iter().flat_map(of_category);
    all.filter(|emoji| {
        emoji.names.split(' ').any(|name| contains(&keys(name), &query)) || contains(&keys(emoji.names), &query)
    })
    .collect()
}

/// The recently used emojis in the browser's storage, newest first. Unknown emojis are dropped.
pub fn recent(kept: &str) -> Vec<Emoji> {
    let find = |wanted: &str| CATEGORIES.into_iter().flat_map(of_category).find(|emoji| emoji.emoji == wanted);
    kept.split(' ').filter_map(find).take(RECENT).collect()
}

/// The new value for the storage after an emoji was used.
pub fn used(kept: &str, emoji: &str) -> String {
    let others = kept.split(' ').filter(|other| *other != emoji && !other.is_empty());
    [emoji].into_iter().chain(others).take(RECENT).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Below U+1F000: characters with emoji presentation by default (emoji-data.txt, `Emoji_Presentation`).
    const DRAWN: &str = "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕";

    /// The same from U+1F000 on.
    const DRAWN_ABOVE: [(u32, u32); 26] = [
        (0x1F191, 0x1F19A),
        (0x1F300, 0x1F320),
        (0x1F32D, 0x1F335),
        (0x1F337, 0x1F37C),
        (0x1F37E, 0x1F393),
        (0x1F3A0, 0x1F3CA),
        (0x1F3CF, 0x1F3D3),
        (0x1F3E0, 0x1F3F0),
        (0x1F3F8, 0x1F43E),
        (0x1F440, 0x1F440),
        (0x1F442, 0x1F4FC),
        (0x1F4FF, 0x1F53D),
        (0x1F54B, 0x1F54E),
        (0x1F550, 0x1F567),
        (0x1F57A, 0x1F57A),
        (0x1F595, 0x1F596),
        (0x1F5A4, 0x1F5A4),
        (0x1F5FB, 0x1F64F),
        (0x1F680, 0x1F6C5),
        (0x1F6D0, 0x1F6D2),
        (0x1F6EB, 0x1F6EC),
        (0x1F7E0, 0x1F7EB),
        (0x1F90C, 0x1F93A),
        (0x1F93C, 0x1F945),
        (0x1F947, 0x1F9FF),
        (0x1FA70, 0x1FAFF),
    ];

    #[test]
    fn characters_with_text_presentation_ask_for_emoji_presentation() {
        for emoji in CATEGORIES.into_iter().flat_map(of_category).map(|emoji| emoji.emoji) {
            let mut signs = emoji.chars();
            let sign = signs.next().unwrap_or_default();
            let is_above = |(first, last): &(u32, u32)| (*first..=*last).contains(&(sign as u32));
            let is_drawn = DRAWN.contains(sign) || DRAWN_ABOVE.iter().any(is_above);
            assert!(is_drawn || signs.next() == Some('\u{FE0F}'), "{emoji}");
        }
    }

    fn emojis(found: &[Emoji]) -> Vec<&str> {
        found.iter().map(|emoji| emoji.emoji).collect()
    }

    #[test]
    fn each_emoji_is_there_once_with_names_in_both_languages() {
        let mut known = std::collections::HashSet::new();
        for emoji in CATEGORIES.into_iter().flat_map(of_category) {
            assert!(known.insert(emoji.emoji), "{}", emoji.emoji);
            assert!(emoji.names.chars().any(|c| ('가'..='힣').contains(&c)), "{}", emoji.names);
            assert!(emoji.names.chars().any(|c| c.is_ascii_lowercase()), "{}", emoji.names);
        }
        assert!(known.len() >= 200, "{}", known.len());
    }

    #[test]
    fn emojis_are_found_by_korean_and_english_names_and_by_initial_consonants() {
        assert_eq!(emojis(&found("커피")), ["☕"]);
        assert_eq!(emojis(&found("coffee")), ["☕"]);
        assert!(emojis(&found("ㅊㅎ")).contains(&"🎉"));
        assert!(emojis(&found("Thank")).contains(&"🙏"));
        assert!(found("없는이름").is_empty());
    }

    #[test]
    fn the_emojis_used_last_come_first_and_only_once() {
        let kept = used(&used(&used("", "👍"), "☕"), "👍");
        assert_eq!(kept, "👍 ☕");
        assert_eq!(emojis(&recent(&format!("{kept} <b>"))), ["👍", "☕"]);
        let many = of_category(FACES).fold(String::new(), |kept, emoji| used(&kept, emoji.emoji));
        assert_eq!(recent(&many).len(), RECENT);
    }
}
