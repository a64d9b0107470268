//! Sentences of the log, as the holder of a card reads them.

use http::Words;
use kernel::{Zone, format};
use vault_wire::proof::CheckedEntry;

use super::{Access, Actor, Known, Told};

/// Roles that have a word of their own for guests; all others are staff.
const ROLES: [&str; 3] = ["owner", "reception", "accountant"];

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Number of its entry.
    pub seq: u64,
    /// When, in the property's zone.
    pub when: String,
    /// The same for programs.
    pub at: String,
    /// What happened.
    pub what: String,
    /// Who did it.
    pub who: String,
    /// The network it came from.
    pub from: String,
    /// `ok` where nothing was shown, `bad` where number or code were.
    pub tone: &'static str,
}

impl Line {
    /// The line of an entry.
    #[must_use]
    pub fn of(words: &Words, zone: &Zone, (access, known): (&Access, &Known)) -> Self {
        Self {
            seq: access.proved.seq,
            when: format::date_time(access.at, zone, words.locale()),
            at: access.at.to_string(),
            what: what(words, access),
            who: who(words, &known.actor(access)),
            from: access.origin().unwrap_or_default().to_owned(),
            tone: tone(access),
        }
    }
}

/// All lines of a card, newest first.
#[must_use]
pub fn lines(words: &Words, zone: &Zone, told: &Told) -> Vec<Line> {
    let newest = told.accesses.iter().rev();
    newest.map(|access| Line::of(words, zone, (access, &told.known))).collect()
}

/// Whether one entry of a file is proved, and its details open.
#[must_use]
pub fn checked(told: &Told, seq: u64) -> Option<(CheckedEntry, bool)> {
    let checked = told.file.check(None);
    let head = checked.head;
    checked.entries.into_iter().find(|entry| entry.seq == seq).map(|entry| (entry, head))
}

/// What happened.
#[must_use]
pub fn what(words: &Words, access: &Access) -> String {
    let Some(key) = key(access) else {
        return words.with("access-other", &[("event", &access.event)]);
    };
    let amount = access.amount();
    let amount = amount.map_or_else(String::new, |sum| format::money(sum, words.locale()));
    let until = access.word("until").and_then(|day| day.parse().ok());
    let until = until.map_or_else(String::new, |day| format::date(day, words.locale()));
    let to = access.word("to").unwrap_or_default();
    words.with(key, &[("amount", &amount), ("until", &until), ("to", to)])
}

fn key(access: &Access) -> Option<&'static str> {
    Some(match (access.event.as_str(), access.done) {
        ("card.stored", true) => "access-stored",
        ("card.attached", true) => "access-attached",
        ("card.extended", true) => "access-extended",
        ("card.ending", true) => "access-ending",
        ("card.suspended", true) => "access-suspended",
        ("card.resumed", true) => "access-resumed",
        ("card.changed", true) => "access-changed",
        ("card.revealed", true) => "access-number",
        ("card.deleted" | "card.purged", true) => "access-destroyed",
        ("code.asked", true) => "access-code-asked",
        ("code.destroyed", true) => match access.purpose.as_str() {
            "viewed" => "access-code-seen",
            "authorised" | "declined" => "access-code-used",
            _ => "access-code-destroyed",
        },
        ("link.created", true) => "access-link",
        ("link.opened", true) => "access-opened",
        ("link.opened" | "link.used", false) => "access-opened-no",
        ("pin.try", false) => "access-pin-no",
        ("link.asked", true) => "access-second-asked",
        ("link.decided", true) => "access-second-yes",
        ("link.decided", false) => "access-second-no",
        ("log.read", true) => "access-log-read",
        ("relay.called", true) => sent(access),
        _ => return None,
    })
}

/// What a bank was asked with the card.
fn sent(access: &Access) -> &'static str {
    let for_proof = access.purpose.ends_with(".authenticate");
    let nothing = access.amount().is_some_and(|sum| sum.is_zero());
    match (for_proof, nothing, access.result()) {
        (true, ..) if access.amount().is_some() => "access-authenticated",
        (false, true, Some("approved")) => "access-verified",
        (false, true, Some("unknown")) => "access-verified-unknown",
        (false, true, Some(_)) => "access-verified-no",
        (false, false, Some("approved")) if access.amount().is_some() => "access-charged",
        (false, false, Some("unknown")) if access.amount().is_some() => "access-charged-unknown",
        (false, false, Some(_)) if access.amount().is_some() => "access-charged-no",
        _ => "access-sent",
    }
}

fn tone(access: &Access) -> &'static str {
    match (access.event.as_str(), access.purpose.as_str()) {
        ("card.revealed", _) | ("code.destroyed", "viewed") => "bad",
        ("card.deleted" | "card.purged" | "code.destroyed" | "card.stored", _) => "ok",
        _ => "",
    }
}

/// Who acted.
#[must_use]
pub fn who(words: &Words, actor: &Actor) -> String {
    match actor {
        Actor::Payer => words.say("access-by-you"),
        Actor::Vault => words.say("access-by-vault"),
        Actor::Program => words.say("access-by-program"),
        Actor::Partner(name) => name.clone(),
        Actor::Person { role, initials } => {
            let role = role.as_deref().filter(|role| ROLES.contains(role)).unwrap_or("staff");
            let role = words.say(&format!("access-role-{role}"));
            if initials.is_empty() { role } else { format!("{role}, {initials}") }
        }
    }
}
