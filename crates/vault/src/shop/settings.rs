//! How a shop keeps cards: defaults and limits.

use kernel::{Date, Timestamp};
use vault_wire::{CardSettings, Refused, ShopPut};

use super::{MAX_RETENTION_DAYS, Shop, network};
use crate::card::MAX_REVEALS;
use crate::origin::Origin;

const SHOW_SECONDS: u16 = 60;
const SHOW_SECONDS_RANGE: std::ops::RangeInclusive<u16> = 15..=120;
const MAX_PER_CARD: std::ops::RangeInclusive<u16> = 1..=99;
const REASON_CHARACTERS: std::ops::RangeInclusive<usize> = 20..=500;
const MOST_DAYS: i64 = 365;
const MAX_FRAME_ORIGINS: usize = 10;
const MAX_NETWORKS: usize = 32;

/// What counts: what staff has set, else what the app told of the shop.
pub(super) fn effective(told: &ShopPut, own: Option<(CardSettings, u32)>) -> (CardSettings, u32) {
    own.unwrap_or_else(|| {
        let settings = CardSettings {
            accept_cards: true,
            brands: told.brands.clone(),
            retention_days: told.retention_days,
            cancel_retention_days: told.cancel_retention_days,
            view_code_once: None,
            show_seconds: SHOW_SECONDS,
            max_per_card: u16::try_from(MAX_REVEALS).unwrap_or(1),
            frame_origins: Vec::new(),
            hours: None,
            networks: Vec::new(),
            second_person: None,
            purpose_required: false,
        };
        (settings, 0)
    })
}

/// Checks what staff wants; the first fault is named with its path.
pub(super) fn check(shop: &Shop, wish: &CardSettings, real: Timestamp) -> Result<(), Refused> {
    let refuse = |code: &str, path: &str, why: &str| Err(Refused::new(code, why).at(path));
    if wish.brands.is_empty() {
        return refuse("invalid_field", "$.brands", "At least one brand must be accepted.");
    }
    for (days, path) in [
        (wish.retention_days, "$.retention_days"),
        (wish.cancel_retention_days, "$.cancel_retention_days"),
    ] {
        if days > MAX_RETENTION_DAYS {
            return refuse("retention_range", path, "0 à 7");
        }
    }
    if !SHOW_SECONDS_RANGE.contains(&wish.show_seconds) {
        return refuse("invalid_field", "$.show_seconds", "15 to 120 seconds.");
    }
    if !MAX_PER_CARD.contains(&wish.max_per_card) {
        return refuse("invalid_field", "$.max_per_card", "1 to 99 times.");
    }
    let exact = |text: &String| {
        !text.contains('*') && Origin::of_url(text).is_some_and(|origin| origin.text() == *text)
    };
    if wish.frame_origins.len() > MAX_FRAME_ORIGINS || !wish.frame_origins.iter().all(exact) {
        let why = "At most 10 origins such as https://pms.example.com.";
        return refuse("invalid_field", "$.frame_origins", why);
    }
    if wish.hours.is_some_and(|hours| hours.from == hours.to) {
        return refuse("invalid_field", "$.hours", "Two different times of day.");
    }
    let unsound = wish.networks.iter().position(|text| network(text).is_none());
    if let Some(at) = unsound {
        let why = "A network is like 203.0.113.0/24, or one address.";
        return refuse("invalid_field", &format!("$.networks[{at}]"), why);
    }
    if wish.networks.len() > MAX_NETWORKS {
        return refuse("invalid_field", "$.networks", "At most 32 networks.");
    }
    let Some(once) = &wish.view_code_once else { return Ok(()) };
    if !REASON_CHARACTERS.contains(&once.reason.trim().chars().count()) {
        let why = "A reason of 20 to 500 characters.";
        return refuse("reason_too_short", "$.view_code_once.reason", why);
    }
    let today = shop.today(real);
    let until: Option<Date> = once.until.parse().ok();
    let fits = until
        .is_some_and(|until| until >= today && until <= kernel::time::plus_days(today, MOST_DAYS));
    if !fits {
        let why = "A day within the next 365 days.";
        return refuse("until_too_far", "$.view_code_once.until", why);
    }
    Ok(())
}
