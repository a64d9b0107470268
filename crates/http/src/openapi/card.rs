//! The card as both origins show it, the app's and the vault's.

use super::schema::{
    Schema, any, boolean, constant, id, instant, integer, list, map, must, object, text, words,
};

/// Why there is no card.
const MISSING: [&str; 10] = [
    "before_activation",
    "storage_off",
    "not_sent",
    "retrieval_failed",
    "brand_not_accepted",
    "invalid",
    "deleted",
    "purged",
    "lost",
    "not_granted",
];

/// What stands where a booking has no card.
#[must_use]
pub fn no_card() -> Schema {
    object([
        must("token", text().or_null()),
        must("cardVirtual", boolean()),
        must("status", constant("none")),
        must("missing_reason", words(MISSING)),
        must("missing_since", instant().or_null()),
        must("missing_by", text().or_null()),
    ])
}

/// A card, without its number; `brands` are the words of all schemes.
#[must_use]
pub fn card(brands: &[&str]) -> Schema {
    let brand = || words(brands.iter().copied());
    let verification = object([
        must("status", words(["unverified", "pending", "verified", "failed"])),
        must("method", text().or_null()),
        must("at", instant().or_null()),
        must("decline_code", text().or_null()),
    ]);
    let code = object([
        must("status", words(["none", "transit", "available", "reserved", "unknown", "destroyed"])),
        must("actor", text().or_null()),
        must("at", instant().or_null()),
        must("destroyed_because", text().or_null()),
        must("receipt", any()),
    ]);
    let reveals = object([
        must("count", integer()),
        must("max", integer()),
        must("last_at", instant().or_null()),
    ]);
    let suspension = object([
        must("cause", words(["blocked", "alarm"])),
        must("reason", text()),
        must("at", instant()),
    ]);
    let issuer = object([must("name", text().or_null()), must("country", text().or_null())]);
    let status = ["active", "pending", "suspended", "expired", "purged", "none"];
    object([
        must("token", id("card")),
        must("cardVirtual", boolean()),
        must("status", words(status)),
        must("missing_reason", words(MISSING).or_null()),
        must("brand", brand()),
        must("co_brands", list(brand())),
        must("preferred_brand", brand().or_null()),
        must("bin", text().about("First 8 digits of a 16-digit number, else the first 6.")),
        must("last4", text()),
        must("masked", text().example("******0154")),
        must("exp_month", integer().within(0, 12).about("0: none was told.")),
        must("exp_year", integer()),
        must("holder_initials", text().or_null()),
        must("fingerprint", text().about("Same number, same merchant: same value.")),
        must("funding", text().or_null()),
        must("product", text().or_null()),
        must("commercial", boolean().or_null()),
    ])
    .plus([
        must("issuer", issuer),
        must("bin_table_version", text().or_null().about("The table that said so.")),
        must("entry", text()),
        must("channel", text().or_null()),
        must("received_at", instant()),
        must("verification", verification),
        must("security_code", code),
        must("virtual", map(any()).or_null()),
        must("consumption", list(any())),
        must("reveals", reveals),
        must("purge_at", instant().or_null()),
        must("single_use", boolean()),
        must("suspension", suspension.or_null().about("Why nobody charges or sees it.")),
        must("version", integer()),
    ])
    .about("A card, without its number.")
}
