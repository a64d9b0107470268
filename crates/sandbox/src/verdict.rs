//! What the bank decides, without looking at anything but what it is given.

use kernel::Date;

use crate::cards::{Card, Directory, Issuer, Network};

/// Code of an approval.
pub const APPROVED: &str = "00";
/// Code for a number the bank never issued.
pub const UNKNOWN_CARD: &str = "14";
const EXPIRED: &str = "54";
const WRONG_CODE: &str = "82";
const REFUSED: &str = "05";

/// Whether the merchant insists on a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// The bank chooses.
    None,
    /// The holder must be asked.
    Mandate,
}

/// How the directory answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// `Y`, `A`, `N`, `U`, `R`, `C`, `not_enrolled` or `timeout`.
    pub result: &'static str,
    /// Whether the bank's page obeys the holder.
    pub page: Page,
}

/// How the bank's page treats the holder's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// It does as told.
    Obeys,
    /// It refuses whatever is chosen.
    AlwaysRefuses,
}

/// The directory's answer for a card.
#[must_use]
pub fn authenticate(card: Option<&Card>, wish: Wish) -> Reading {
    let result = match (card.map(|c| c.directory), wish) {
        (None, _) => "not_enrolled",
        (Some(Directory::Frictionless), Wish::None) => "Y",
        (Some(Directory::ChallengeRefused), _) => {
            return Reading { result: "C", page: Page::AlwaysRefuses };
        }
        (Some(Directory::Answers(result)), _) => result,
        (Some(Directory::Frictionless | Directory::Challenge), _) => "C",
    };
    Reading { result, page: Page::Obeys }
}

/// How well the holder's presence is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// No authentication was cited, or it could not be performed.
    None,
    /// He was recognised without being asked.
    Frictionless,
    /// He answered on the bank's page.
    Challenge,
    /// The cited authentication failed, is of another card or of a smaller amount.
    Bad,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initiator {
    /// The holder.
    Payer(Proof),
    /// The merchant, citing a payment the holder made with this card.
    MerchantWithChain,
    /// The merchant, citing nothing the bank knows.
    MerchantAlone,
}

/// What an authorisation brings.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// Year and month printed on the card.
    pub expiry: (i16, i8),
    /// The security code, if it came.
    pub code: Option<&'a str>,
    /// Who asks.
    pub initiator: Initiator,
    /// The bank's date.
    pub today: Date,
}

/// Whether the answer leaves the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// At once.
    Answer,
    /// After the app was told what it will say.
    AfterNotice,
    /// Never: only a query tells.
    Silence,
    /// Never, and it becomes an acceptance 15 minutes later.
    Late,
}

/// The issuer's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// `00`, or why not.
    pub code: String,
    /// Whether the answer leaves.
    pub delivery: Delivery,
}

/// The issuer's decision on an authorisation.
#[must_use]
pub fn authorise(card: Option<&Card>, presented: &Presented<'_>) -> Verdict {
    let answer = |code: &str| Verdict { code: code.to_owned(), delivery: Delivery::Answer };
    let silent = |code: &str| Verdict { code: code.to_owned(), delivery: Delivery::Silence };
    let Some(card) = card else { return answer(UNKNOWN_CARD) };
    let wrong_code =
        presented.code.is_some_and(|code| !code.is_empty() && code != right_code(card.network));
    let soft = card.network.soft_decline();
    if presented.expiry < (presented.today.year(), presented.today.month()) {
        return answer(EXPIRED);
    }
    if wrong_code {
        return answer(WRONG_CODE);
    }
    match (&card.issuer, presented.initiator) {
        (_, Initiator::MerchantAlone | Initiator::Payer(Proof::Bad)) => answer(soft),
        (Issuer::WantsAuthentication, Initiator::Payer(Proof::None | Proof::Frictionless)) => {
            answer(soft)
        }
        (Issuer::Accepts | Issuer::WantsAuthentication, _) => answer(APPROVED),
        (Issuer::Refuses(code), _) => answer(code),
        (Issuer::SilentThenAccepted, _) => silent(APPROVED),
        (Issuer::SilentThenRefused, _) => silent(REFUSED),
    }
}

const fn right_code(network: Network) -> &'static str {
    match network {
        Network::Amex => "1234",
        _ => "123",
    }
}

/// What the code says, in French and English, for the merchant.
#[must_use]
pub fn text(code: &str) -> &'static str {
    match code {
        APPROVED => "approved",
        "02" | "08" => "call the issuer",
        "05" => "do not honour",
        "12" => "invalid transaction",
        "13" => "invalid amount",
        UNKNOWN_CARD => "no such card",
        "43" => "stolen card",
        "51" => "insufficient funds",
        EXPIRED => "expired card",
        "57" => "not permitted",
        "59" => "suspected fraud",
        WRONG_CODE => "wrong security code",
        "1A" | "65" | "81" => "authentication required",
        "91" => "issuer unavailable",
        "94" => "duplicate",
        "96" => "system malfunction",
        "" => "in progress",
        _ => "refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cards;

    fn verdict(number: &str, code: Option<&str>, initiator: Initiator) -> Verdict {
        let today = kernel::time::Date::constant(2026, 11, 23);
        let presented = Presented { expiry: (2029, 3), code, initiator, today };
        authorise(cards::find(number).as_ref(), &presented)
    }

    const CALM: Initiator = Initiator::Payer(Proof::Frictionless);

    #[test]
    fn a_soft_decline_ends_with_a_challenge_only() {
        let soft = "4970100100000815";
        assert_eq!(verdict(soft, Some("123"), CALM).code, "81");
        assert_eq!(verdict(soft, None, Initiator::Payer(Proof::Challenge)).code, "00");
        assert_eq!(verdict(soft, None, Initiator::MerchantWithChain).code, "00");
        assert_eq!(verdict("4242424242424242", None, Initiator::MerchantAlone).code, "1A");
    }

    #[test]
    fn a_wrong_code_and_a_past_expiry_are_refused() {
        assert_eq!(verdict("4242424242424242", Some("999"), CALM).code, "82");
        assert_eq!(verdict("375900010000006", Some("1234"), CALM).code, "00");
        assert_eq!(verdict("375900010000006", Some("123"), CALM).code, "82");
        assert_eq!(verdict("4012888888881881", Some("123"), CALM).code, "14");
        let today = kernel::time::Date::constant(2026, 11, 23);
        let old = Presented { expiry: (2026, 10), code: None, initiator: CALM, today };
        let card = cards::find("4242424242424242");
        assert_eq!(authorise(card.as_ref(), &old).code, "54");
        let this_month = Presented { expiry: (2026, 11), ..old };
        assert_eq!(authorise(card.as_ref(), &this_month).code, "00");
    }

    #[test]
    fn a_mandated_challenge_is_shown_to_calm_cards() {
        let calm = cards::find("4970100100000005");
        assert_eq!(authenticate(calm.as_ref(), Wish::None).result, "Y");
        assert_eq!(authenticate(calm.as_ref(), Wish::Mandate).result, "C");
        assert_eq!(authenticate(None, Wish::Mandate).result, "not_enrolled");
        let stubborn = (0..10).find_map(|check| cards::find(&format!("497010010000600{check}")));
        assert_eq!(authenticate(stubborn.as_ref(), Wish::None).page, Page::AlwaysRefuses);
    }
}
