//! Test cards: what each number does, read from its digits alone.
//!
//! Families are a prefix, three digits *abb* and a check digit: *a* says how strong
//! authentication goes, *bb* what the authorisation answers. Other listed numbers are accepted
//! without a question, or always challenged, or refused with the code people expect of them.

use kernel::card_text::luhn_valid;

/// A card network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Cartes Bancaires (co-badged with Visa).
    Cb,
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// American Express.
    Amex,
    /// Diners Club.
    Diners,
    /// Discover.
    Discover,
    /// JCB.
    Jcb,
}

impl Network {
    /// The word in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cb => "cb",
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::Amex => "amex",
            Self::Diners => "diners",
            Self::Discover => "discover",
            Self::Jcb => "jcb",
        }
    }

    fn of(digits: &str) -> Self {
        let starts = |prefixes: &[&str]| prefixes.iter().any(|p| digits.starts_with(p));
        match () {
            () if starts(&["4970"]) => Self::Cb,
            () if starts(&["34", "37"]) => Self::Amex,
            () if starts(&["36", "38", "39", "30"]) => Self::Diners,
            () if starts(&["35"]) => Self::Jcb,
            () if starts(&["6"]) => Self::Discover,
            () if starts(&["5", "2"]) => Self::Mastercard,
            () => Self::Visa,
        }
    }

    /// The code by which its issuers ask for strong authentication.
    #[must_use]
    pub const fn soft_decline(self) -> &'static str {
        match self {
            Self::Cb => "81",
            Self::Mastercard => "65",
            _ => "1A",
        }
    }

    /// Electronic commerce indicator of a result (EMV 3-D Secure).
    #[must_use]
    pub fn indicator(self, result: &str) -> &'static str {
        match (self, result) {
            (Self::Mastercard, "Y") => "02",
            (Self::Mastercard, "A") => "01",
            (Self::Mastercard, _) => "00",
            (_, "Y") => "05",
            (_, "A") => "06",
            _ => "07",
        }
    }
}

/// How strong authentication goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directory {
    /// Proven without a question, unless a challenge is mandated.
    Frictionless,
    /// The bank's page decides.
    Challenge,
    /// The bank's page refuses whatever the holder does.
    ChallengeRefused,
    /// A fixed result of the directory.
    Answers(&'static str),
}

/// What the authorisation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issuer {
    /// Accepts.
    Accepts,
    /// Refuses with this code.
    Refuses(String),
    /// Asks for strong authentication by the holder, then accepts.
    WantsAuthentication,
    /// Accepts and never answers.
    SilentThenAccepted,
    /// Refuses and never answers.
    SilentThenRefused,
}

/// A card the bank knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its network.
    pub network: Network,
    /// How strong authentication goes.
    pub directory: Directory,
    /// What the authorisation does.
    pub issuer: Issuer,
    /// First eight and last four digits of sixteen, else first six and last four.
    pub truncated: String,
}

const ACCEPTED: &[&str] = &[
    "4242424242424242",
    "4111111111111111",
    "5555555555554444",
    "5207000000000000",
    "378282246310005",
    "36227206271667",
    "6011111111111117",
    "3566002020360505",
];
const ALWAYS_CHALLENGED: &[&str] = &["4000002760003184", "4000002500003155"];
const REFUSED: &[(&str, &str)] = &[("4000000000000002", "05"), ("4000000000009995", "51")];
/// Families whose three digits before the check digit say what happens.
const SPEAKING: &[&str] = &["497010010000", "510001010000", "37590001000"];
/// Families of which every number is accepted, with their length.
const OPEN: &[(&str, usize)] =
    &[("4970100000", 16), ("4970100100", 16), ("5100010100", 16), ("37590001", 15), ("999999", 16)];

/// The card of a number, or `None` for a number the bank never issued.
#[must_use]
pub fn find(number: &str) -> Option<Card> {
    let values: Vec<u8> = number.bytes().map(|b| b.wrapping_sub(b'0')).collect();
    if values.iter().any(|v| *v > 9) || !luhn_valid(&values) {
        return None;
    }
    let (directory, issuer) = listed(number).or_else(|| speaking(number)).or_else(|| {
        let open = |(prefix, length): &(&str, usize)| {
            number.starts_with(prefix) && number.len() == *length
        };
        OPEN.iter().any(open).then_some((Directory::Frictionless, Issuer::Accepts))
    })?;
    let truncated = truncate(number);
    Some(Card { network: Network::of(number), directory, issuer, truncated })
}

fn listed(number: &str) -> Option<(Directory, Issuer)> {
    if ACCEPTED.contains(&number) {
        return Some((Directory::Frictionless, Issuer::Accepts));
    }
    if ALWAYS_CHALLENGED.contains(&number) {
        return Some((Directory::Challenge, Issuer::Accepts));
    }
    let (_, code) = REFUSED.iter().find(|(refused, _)| *refused == number)?;
    Some((Directory::Frictionless, Issuer::Refuses((*code).to_owned())))
}

fn speaking(number: &str) -> Option<(Directory, Issuer)> {
    let rest = SPEAKING.iter().find_map(|prefix| number.strip_prefix(prefix))?;
    let (a, bb) = (rest.get(..1)?, rest.get(1..3)?);
    if rest.len() != 4 {
        return None;
    }
    let directory = match a {
        "1" => Directory::Challenge,
        "2" => Directory::Answers("A"),
        "3" => Directory::Answers("N"),
        "4" => Directory::Answers("U"),
        "5" => Directory::Answers("R"),
        "6" => Directory::ChallengeRefused,
        "7" => Directory::Answers("not_enrolled"),
        "8" => Directory::Answers("timeout"),
        _ => Directory::Frictionless,
    };
    let issuer = match bb {
        "00" => Issuer::Accepts,
        "81" => Issuer::WantsAuthentication,
        "98" => Issuer::SilentThenAccepted,
        "97" => Issuer::SilentThenRefused,
        code => Issuer::Refuses(code.to_owned()),
    };
    Some((directory, issuer))
}

/// The only form of a number that is ever written down.
#[must_use]
pub fn truncate(number: &str) -> String {
    let first = if number.len() == 16 { 8 } else { 6 };
    let head = number.get(..first).unwrap_or_default();
    let tail = number.get(number.len().saturating_sub(4)..).unwrap_or_default();
    format!("{head}••••{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(number: &str) -> (Directory, Issuer) {
        let card = find(number).unwrap_or_else(|| panic!("{number} is a test number"));
        (card.directory, card.issuer)
    }

    #[test]
    fn p_163_the_digits_say_what_happens() {
        let refuses = |code: &str| Issuer::Refuses(code.to_owned());
        let calm = Directory::Frictionless;
        assert_eq!(of("4970100100000005"), (calm, Issuer::Accepts));
        assert_eq!(of("4970100100000054"), (calm, refuses("05")));
        assert_eq!(of("4970100100000518"), (calm, refuses("51")));
        assert_eq!(of("4970100100000435"), (calm, refuses("43")));
        assert_eq!(of("4970100100000542"), (calm, refuses("54")));
        assert_eq!(of("4970100100000823"), (calm, refuses("82")));
        assert_eq!(of("4970100100000815"), (calm, Issuer::WantsAuthentication));
        assert_eq!(of("4970100100000989"), (calm, Issuer::SilentThenAccepted));
        assert_eq!(of("4970100100000971"), (calm, Issuer::SilentThenRefused));
        assert_eq!(of("4970100100001003"), (Directory::Challenge, Issuer::Accepts));
        assert_eq!(of("4970100100002001").0, Directory::Answers("A"));
        assert_eq!(of("4970100100003009").0, Directory::Answers("N"));
        assert_eq!(of("4970100100005004").0, Directory::Answers("R"));
        assert_eq!(of("4970100100007000").0, Directory::Answers("not_enrolled"));
        assert_eq!(of("5100010100000006"), (calm, Issuer::Accepts));
        assert_eq!(of("5100010100001004").0, Directory::Challenge);
        assert_eq!(of("375900010000006"), (calm, Issuer::Accepts));
    }

    #[test]
    fn p_163_listed_numbers_do_what_people_expect() {
        for number in ACCEPTED.iter().chain(&["4970100000000154"]) {
            assert_eq!(of(number), (Directory::Frictionless, Issuer::Accepts), "{number}");
        }
        for number in ALWAYS_CHALLENGED {
            assert_eq!(of(number).0, Directory::Challenge, "{number}");
        }
        assert_eq!(of("4000000000000002").1, Issuer::Refuses("05".into()));
        assert_eq!(of("4000000000009995").1, Issuer::Refuses("51".into()));
        for stranger in ["4012888888881881", "4970100100000006", "", "abc", "4242"] {
            assert_eq!(find(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn v_32_one_truncation_per_card() {
        assert_eq!(truncate("4970100100000815"), "49701001••••0815");
        assert_eq!(truncate("375900010000006"), "375900••••0006");
    }

    #[test]
    fn networks_speak_their_own_soft_decline() {
        assert_eq!(Network::of("4970100100000815").soft_decline(), "81");
        assert_eq!(Network::of("5100010100000816").soft_decline(), "65");
        assert_eq!(Network::of("4242424242424242").soft_decline(), "1A");
        assert_eq!(Network::of("3566002020360505"), Network::Jcb);
    }
}
