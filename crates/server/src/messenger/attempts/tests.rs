use std::net::IpAddr;

use super::*;

const PER_MINUTE: u32 = 10;

fn network(text: &str) -> Network {
    text.parse::<IpAddr>().unwrap().into()
}

fn of<'a>(login: &'a str, address: &str) -> Attempt<'a> {
    Attempt { login, network: network(address), device: None }
}

/// How many of `count` attempts are allowed at once.
fn at_once(attempts: &mut Attempts, count: usize, now: Instant, of: impl Fn(usize) -> Attempt<'static>) -> usize {
    (0..count).filter(|n| matches!(attempts.sign_in(of(*n), PER_MINUTE, now), AttemptVerdict::Now(_))).count()
}

#[test]
fn guesses_of_one_login_are_slowed_and_two_of_them_held_back() {
    let (mut attempts, now) = (Attempts::default(), Instant::now());
    assert_eq!(at_once(&mut attempts, 10, now, |_| of("minsu", "198.51.100.1")), 10);
    let priority = HashPriority::Stranger(network("198.51.100.1"));
    let mut next =
        |seconds| attempts.sign_in(of("minsu", "198.51.100.1"), PER_MINUTE, now + Duration::from_secs(seconds));
    assert_eq!(next(0), AttemptVerdict::After(Duration::from_secs(6), priority));
    assert_eq!(next(0), AttemptVerdict::Refused, "the next would wait too long");
    assert_eq!(next(6), AttemptVerdict::After(Duration::from_secs(6), priority));
    assert_eq!(next(12), AttemptVerdict::Refused, "two were held back");
    assert_eq!(next(18), AttemptVerdict::Now(priority), "what was refused has cost nothing");
    assert_eq!(at_once(&mut attempts, 1, now, |_| of("minsu", "198.51.100.2")), 1, "elsewhere it is another's try");
}

#[test]
fn addresses_of_one_ipv6_network_count_together() {
    let (mut attempts, now) = (Attempts::default(), Instant::now());
    let addresses = ["2001:db8:5:6::1", "2001:db8:5:6::2", "2001:db8:5:6:7::", "2001:db8:5:6:ffff::9"];
    assert_eq!(at_once(&mut attempts, 40, now, |n| of("minsu", addresses[n % 4])), 10);
}

#[test]
fn one_password_for_many_logins_is_slowed_and_holds_nobody_up_who_is_known_there() {
    let (mut attempts, now) = (Attempts::default(), Instant::now());
    let (minsu, jiwoo) = (of("minsu", "198.51.100.1"), of("jiwoo", "198.51.100.1"));
    let AttemptVerdict::Now(priority) = attempts.sign_in(minsu, PER_MINUTE, now) else { panic!("not let through") };
    attempts.succeeded(minsu, priority, PER_MINUTE, now);
    let logins: Vec<&'static str> = (0..100).map(|n| &*format!("login{n}").leak()).collect();
    assert_eq!(at_once(&mut attempts, 100, now, |n| of(logins[n], "198.51.100.1")), 40);
    assert_eq!(attempts.sign_in(jiwoo, PER_MINUTE, now), AttemptVerdict::Refused);
    assert_eq!(attempts.sign_in(minsu, PER_MINUTE, now), AttemptVerdict::Now(HashPriority::Known(minsu.network)));
    assert_eq!(at_once(&mut attempts, 1, now, |_| of("jiwoo", "198.51.100.2")), 1, "other networks are not concerned");
}

#[test]
fn signing_in_by_oneself_buys_no_tries_with_other_logins() {
    let (mut attempts, now) = (Attempts::default(), Instant::now());
    let own = of("own", "198.51.100.1");
    let logins: Vec<&'static str> = (0..100).map(|n| &*format!("login{n}").leak()).collect();
    let guessed = (0..100).filter(|n| {
        if let AttemptVerdict::Now(priority) = attempts.sign_in(own, PER_MINUTE, now) {
            attempts.succeeded(own, priority, PER_MINUTE, now);
        }
        at_once(&mut attempts, 1, now, |_| of(logins[*n], "198.51.100.1")) == 1
    });
    assert_eq!(guessed.count(), 40);
}

#[test]
fn one_login_from_many_networks_is_slowed_and_its_owner_comes_in_on_a_known_device() {
    let (mut attempts, now) = (Attempts::default(), Instant::now());
    let addresses: Vec<String> = (0..200).map(|n| format!("198.51.100.{n}")).collect();
    let guess = |n: usize| of("minsu", &addresses[n]);
    let guessed =
        (0..200).filter(|n| matches!(attempts.sign_in(guess(*n), PER_MINUTE, now), AttemptVerdict::Now(_))).count();
    assert_eq!(guessed, 50);
    let owner = Attempt { device: Some((UserId::new(), DeviceId([1; 32]))), ..of("minsu", "203.0.113.1") };
    let strange = Attempt { device: None, ..owner };
    assert_eq!(attempts.sign_in(strange, PER_MINUTE, now), AttemptVerdict::Refused);
    assert_eq!(attempts.sign_in(owner, PER_MINUTE, now), AttemptVerdict::Now(HashPriority::Known(owner.network)));
}

#[test]
fn invalid_logins_use_up_no_registrations() {
    let (mut attempts, now) = (Attempts::default(), Instant::now());
    at_once(&mut attempts, 100, now, |_| of("", "198.51.100.1"));
    let network = network("198.51.100.1");
    assert_eq!((0..20).filter(|_| attempts.registration(network, PER_MINUTE, now)).count(), 10);
}

#[test]
fn without_a_limit_nothing_is_counted() {
    let (mut attempts, now) = (Attempts::default(), Instant::now());
    let one = of("minsu", "198.51.100.1");
    assert!((0..1_000).all(|_| matches!(attempts.sign_in(one, 0, now), AttemptVerdict::Now(_))));
    assert!((0..1_000).all(|_| attempts.registration(one.network, 0, now)));
}
