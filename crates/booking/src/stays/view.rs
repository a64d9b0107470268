//! Words of quotes, reasons and parties, ready for templates.

use http::Words;
use kernel::{Currency, Locale, Money, Zone, format};

use crate::carts::CartLine;
use crate::lodging::quote::StepWord;
use crate::lodging::{AgeBracket, Party, Quote, Reason};

/// "Why this price?", line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The rule that gave the price.
    pub rule: String,
    /// From which day, how many nights, how much.
    pub segments: Vec<(String, String, String)>,
    /// What changes the price, and by how much.
    pub adjustments: Vec<(String, String)>,
    /// The total.
    pub total: String,
    /// What was not done, and why.
    pub note: String,
}

/// Explains a quote to a guest, a cheaper cover that the policy did not look at included.
#[must_use]
pub fn why(words: &Words, quote: &Quote) -> Why {
    let locale = words.locale();
    let currency = quote.total.currency();
    let money = |minor: i64| format::money(Money::new(minor, currency), locale);
    let segments = quote
        .segments
        .iter()
        .map(|segment| {
            let nights = words.count("stay-nights", i64::from(segment.nights));
            (format::long_date(segment.arrival, locale), nights, money(segment.amount))
        })
        .collect();
    let adjustments = quote
        .adjustments
        .iter()
        .map(|line| {
            let percent = format::percent(line.basis_points.saturating_abs(), locale);
            let sign = if line.basis_points < 0 { "−" } else { "+" };
            let key = format!("stay-adjustment-{}", line.code.replace('_', "-"));
            let name = if words.has(&key) { words.say(&key) } else { line.code.clone() };
            (format!("{name} ({sign}{percent})"), money(line.amount))
        })
        .collect();
    let rule = match &quote.step {
        StepWord::Number(1) => "stay-why-exact",
        StepWord::Number(2) => "stay-why-nights",
        StepWord::Number(_) => "stay-why-cover",
        StepWord::Word(_) => "stay-why-cheapest",
    };
    let nights: u32 = quote.segments.iter().map(|segment| segment.nights).sum();
    let is_one_night = nights == 1;
    Why {
        rule: words.count(if is_one_night { "stay-why-exact" } else { rule }, i64::from(nights)),
        segments,
        adjustments,
        total: format::money(quote.total, locale),
        note: if is_one_night { String::new() } else { note(words, quote) },
    }
}

/// What the sum of single nights leaves aside: with the amount where that would cost less.
fn note(words: &Words, quote: &Quote) -> String {
    if quote.step != StepWord::Number(2) {
        return String::new();
    }
    let Some((parts, amount)) = quote.left_out() else {
        return words.say("stay-why-nights-note");
    };
    let parts = parts.iter().map(u32::to_string).collect::<Vec<String>>().join(" + ");
    let amount = format::money(amount, words.locale());
    words.with("stay-why-nights-cheaper", &[("parts", &parts), ("amount", &amount)])
}

/// A reason in words.
#[must_use]
pub fn reason(words: &Words, zone: &Zone, reason: &Reason) -> String {
    let locale = words.locale();
    let key = format!("stay-reason-{}", reason.code().replace('_', "-"));
    let date = reason.date().map_or_else(String::new, |date| format::date(date, locale));
    match reason {
        Reason::HeldByOther(_, Some(until)) => {
            words.with("stay-reason-held-until", &[("time", &format::time(*until, zone))])
        }
        Reason::CapacityExceeded(most) => words.count(&key, i64::from(*most)),
        _ => words.with(&key, &[("date", &date)]),
    }
}

/// A party in words: `2 × Adultes, 1 × Enfants`.
#[must_use]
pub fn party(brackets: &[AgeBracket], party: &Party, locale: Locale) -> String {
    let one = |group: &crate::lodging::model::Guests| {
        let known = brackets.iter().find(|bracket| bracket.code == group.bracket);
        let name = known.map_or(group.bracket.as_str(), |bracket| bracket.names.get(locale));
        format!("{} × {name}", group.count)
    };
    party.groups().iter().map(one).collect::<Vec<String>>().join(", ")
}

/// A line of a basket or booking as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    /// The lodging.
    pub lodging: String,
    /// The formula.
    pub formula: String,
    /// First night.
    pub arrival: String,
    /// Day of leaving.
    pub departure: String,
    /// How many nights.
    pub nights: String,
    /// Who comes.
    pub guests: String,
    /// Its price.
    pub price: String,
    /// Why.
    pub why: Why,
}

/// A line as shown.
#[must_use]
pub fn line(words: &Words, line: &CartLine, brackets: &[AgeBracket]) -> LineView {
    let locale = words.locale();
    let nights = kernel::time::nights_between(line.arrival, line.departure);
    LineView {
        lodging: line.names.lodging.get(locale).to_owned(),
        formula: line.names.formula.get(locale).to_owned(),
        arrival: format::long_date(line.arrival, locale),
        departure: format::long_date(line.departure, locale),
        nights: words.count("stay-nights", nights),
        guests: party(brackets, &line.party, locale),
        price: format::money(line.quote.total, locale),
        why: why(words, &line.quote),
    }
}

/// An amount in minor units as a person reads it.
#[must_use]
pub fn amount(minor: i64, currency: Currency, locale: Locale) -> String {
    format::money(Money::new(minor, currency), locale)
}
