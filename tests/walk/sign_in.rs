//! Guessing a password: the account pauses, then the address, and a restart forgives nothing.

use kernel::Clock as _;
use kernel::time::SystemClock;

use super::knock::{Heard, Knock, send};
use crate::demo::Demo;

/// Wrong tries after which an account pauses, and an address over all accounts.
const OF_ACCOUNT: usize = 5;
const OF_ADDRESS: usize = 20;

fn sign_in(demo: &Demo, (email, password, code): (&str, &str, &str)) -> Heard {
    let fields = [("email", email), ("password", password), ("code", code)];
    let fields = fields.map(|(name, value)| format!("{name}={}", value.replace('@', "%40")));
    send("POST", &format!("{}/connexion", demo.app()), &Knock::form(&fields.join("&")))
}

fn guess(demo: &Demo, email: &str) -> u16 {
    sign_in(demo, (email, "guess", "000000")).status
}

/// Someone of the hotel with his right password and code.
fn rightly(demo: &Demo, role: &str) -> Heard {
    let users = demo.merchant(0)["users"].as_array().unwrap();
    let user = users.iter().find(|user| user["role"] == role).unwrap();
    let text = |name: &str| user[name].as_str().unwrap();
    let seed = base32(text("totp_secret"));
    let code = identity::users::time_code::code_at(&seed, SystemClock.now()).unwrap();
    sign_in(demo, (text("email"), text("password"), &code))
}

/// RFC 4648, without padding.
fn base32(text: &str) -> Vec<u8> {
    let mut bits = String::new();
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => panic!("{text}"),
        };
        bits.push_str(&format!("{value:05b}"));
    }
    let whole = bits.as_bytes().chunks_exact(8);
    whole.map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect()
}

fn is_paused(heard: &Heard) -> bool {
    let wait = heard.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    heard.status == 429
        && wait.is_some_and(|seconds| (800..=900).contains(&seconds))
        && heard.header("set-cookie").is_none()
}

#[test]
fn q_44_wrong_sign_ins_pause_the_account_and_a_restart_forgives_nothing() {
    let demo = Demo::start();
    let malik = "malik@tuffeaux.example";
    for _ in 0..OF_ACCOUNT {
        assert_eq!(guess(&demo, malik), 401);
    }
    assert!(is_paused(&rightly(&demo, "reception")), "the right password is not looked at");
    demo.kill("app");
    let heard = rightly(&demo, "reception");
    assert!(is_paused(&heard), "{} {}", heard.status, crate::browser::readable(&heard.text));
    // An account that does not exist pauses alike: nothing tells it apart.
    let nobody = "nobody@tuffeaux.example";
    for _ in 0..OF_ACCOUNT {
        assert_eq!(guess(&demo, nobody), 401);
    }
    assert_eq!(guess(&demo, nobody), 429);
    let claire = rightly(&demo, "owner");
    let cookie = claire.header("set-cookie").unwrap_or_default().to_owned();
    assert_eq!(claire.status, 303, "others at the same desk may sign in");
    assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"), "{cookie}");
}

#[test]
fn q_44_one_address_that_guesses_many_accounts_pauses() {
    let demo = Demo::start();
    for n in 0..OF_ADDRESS {
        assert_eq!(guess(&demo, &format!("someone{n}@tuffeaux.example")), 401);
        if n == OF_ADDRESS / 2 {
            demo.kill("app");
        }
    }
    assert!(is_paused(&rightly(&demo, "owner")));
    demo.kill("app");
    assert!(is_paused(&rightly(&demo, "owner")));
}
