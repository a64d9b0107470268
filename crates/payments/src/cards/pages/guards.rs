//! Settings of when, from where and how often numbers are shown.

use identity::extract::Staff;
use vault_wire::{CardSettings, Hours, Refused, SecondPerson, TimeOfDay};
use web::Form;

use super::settings::Fields;

/// A fault: its field, and the key of what is said there.
type Fault = (&'static str, &'static str);

const RULES: [SecondPerson; 3] = [SecondPerson::Off, SecondPerson::Outliers, SecondPerson::Always];

const fn word(rule: SecondPerson) -> &'static str {
    match rule {
        SecondPerson::Off => "off",
        SecondPerson::Outliers => "outliers",
        SecondPerson::Always => "always",
    }
}

/// What may be chosen: value and words.
pub(super) fn rules<R>(staff: &Staff<R>) -> Vec<(&'static str, String)> {
    let usual = ("", staff.words.say("cards-second-usual"));
    let said = |rule| (word(rule), staff.words.say(&format!("cards-second-{}", word(rule))));
    std::iter::once(usual).chain(RULES.map(said)).collect()
}

/// Fills the form with what counts now.
pub(super) fn fill(form: &mut Form, settings: &CardSettings) {
    form.set("max_per_card", settings.max_per_card.to_string());
    let hour = |of: fn(Hours) -> TimeOfDay| settings.hours.map(of).map(|time| time.to_string());
    form.set("hours_from", hour(|hours| hours.from).unwrap_or_default());
    form.set("hours_to", hour(|hours| hours.to).unwrap_or_default());
    form.set("networks", settings.networks.join("\n"));
    form.set("purpose_required", if settings.purpose_required { "1" } else { "" });
    form.set("second_person", settings.second_person.map_or("", word));
}

/// The settings as the form says; what it does not ask stays.
pub(super) fn read(fields: &Fields, now: &CardSettings) -> Result<CardSettings, Fault> {
    let hours = match (fields.get("hours_from"), fields.get("hours_to")) {
        (Some(from), Some(to)) => read_hours(from.trim(), to.trim())?,
        _ => now.hours,
    };
    let networks = fields.get("networks").map_or_else(
        || now.networks.clone(),
        |text| text.split_whitespace().map(str::to_owned).collect(),
    );
    let second_person = match fields.get("second_person") {
        None => now.second_person,
        Some(text) => RULES.into_iter().find(|rule| word(*rule) == text),
    };
    let most = fields.get("max_per_card").map_or(Ok(now.max_per_card), |text| text.trim().parse());
    let max_per_card = most.map_err(|_| ("max_per_card", "cards-most-range"))?;
    let purpose_required = match fields.get("second_person") {
        None => now.purpose_required,
        // A box that is not ticked is not sent.
        Some(_) => fields.contains_key("purpose_required"),
    };
    let before = now.clone();
    Ok(CardSettings { hours, networks, second_person, max_per_card, purpose_required, ..before })
}

fn read_hours(from: &str, to: &str) -> Result<Option<Hours>, Fault> {
    let time = |text: &str, field| text.parse().map_err(|_| (field, "cards-hours-both"));
    if from.is_empty() && to.is_empty() {
        return Ok(None);
    }
    Ok(Some(Hours { from: time(from, "hours_from")?, to: time(to, "hours_to")? }))
}

/// Where the vault found a fault of these; nothing when it is another's.
pub(super) fn fault(why: &Refused) -> Option<Fault> {
    match why.path.as_deref()? {
        "$.max_per_card" => Some(("max_per_card", "cards-most-range")),
        "$.hours" => Some(("hours_to", "cards-hours-same")),
        path if path.starts_with("$.networks") => Some(("networks", "cards-networks-wrong")),
        _ => None,
    }
}
