//! The programs that are told what happens: two that answer, and one that nobody looks after.
//!
//! Their addresses are pages of the demo, which throw away what they hear. Each is tried once, so
//! that there is something to look at.

use serde_json::json;
use web::Context;

use super::door::post;
use crate::demo::Keys;

/// The last part of an address that answers, and of the one that does not.
pub(crate) const HEARS: &str = "entend";
pub(crate) const FAILS: &str = "panne";

/// Name, format, what it is told, and which address it has.
const PROGRAMS: [(&str, &str, &[&str], &str); 3] = [
    ("Logiciel hôtelier", "json", &["payment.*", "refund.*"], HEARS),
    ("Comptabilité", "form", &["refund.*"], HEARS),
    ("Ancien logiciel, éteint", "json", &["chargeback.*"], FAILS),
];

/// Makes them for the hotel.
///
/// # Errors
/// A sentence with the cause.
pub(super) async fn write(ctx: &Context, keys: &Keys) -> Result<(), String> {
    let Some(hotel) = keys.merchants.first() else { return Ok(()) };
    let (app, key) = (&ctx.urls.app, &hotel.api_key);
    for (number, (name, format, events, answer)) in PROGRAMS.into_iter().enumerate() {
        let url = format!("{app}/demo/programmes/{answer}");
        let body = json!({
            "shop": hotel.shop, "url": url, "description": name, "format": format, "events": events,
        });
        let once = format!("town-program-{number}");
        let made = post((app, "/v1/webhook_endpoints", key), (&once, &body)).await?;
        let id = made["id"].as_str().ok_or("an endpoint without an id")?;
        let tried = format!("/v1/webhook_endpoints/{id}/test");
        post((app, &tried, key), (&format!("{once}-tried"), &json!({}))).await?;
    }
    Ok(())
}
