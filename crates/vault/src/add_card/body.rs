//! The body of `POST /v1/cards`, read strictly: unknown and doubled fields are refused.

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A text that is wiped when dropped.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Raw(String);

impl Raw {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The whole body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    pub(super) shop: String,
    pub(super) booking: Option<String>,
    pub(super) customer: Option<String>,
    pub(super) card: BodyCard,
    #[serde(rename = "virtual")]
    pub(super) virtual_card: Option<Virtual>,
    #[serde(rename = "three_ds")]
    pub(super) _three_ds: Option<ThreeDs>,
    pub(super) source: Option<Source>,
}

/// The card itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BodyCard {
    pub(super) number: Raw,
    pub(super) exp_month: i64,
    pub(super) exp_year: i64,
    pub(super) holder: Option<Raw>,
    pub(super) security_code: Option<Raw>,
}

/// Says that the card is virtual, with its window and balance as far as the channel knows them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Virtual {
    pub(super) active_from: Option<String>,
    pub(super) active_until: Option<String>,
    pub(super) charge_before: Option<String>,
    pub(super) balance: Option<Balance>,
    pub(super) mcc_allowed: Option<Vec<String>>,
    pub(super) single_use: Option<bool>,
}

/// What a virtual card holds, in minor units.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Balance {
    pub(super) amount: i64,
    pub(super) currency: String,
}

/// Proof of an authentication made elsewhere; its shape is checked, it is not kept yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ThreeDs {
    #[serde(rename = "version")]
    _version: Option<String>,
    #[serde(rename = "eci")]
    _eci: Option<String>,
    #[serde(rename = "cavv")]
    _cavv: Option<String>,
    #[serde(rename = "ds_trans_id")]
    _ds_trans_id: Option<String>,
}

/// Where the card comes from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) channel: Option<String>,
    pub(super) entry: Option<String>,
}

/// Why a body is not read.
pub(super) struct BadBody {
    pub(super) status: u16,
    pub(super) code: &'static str,
    /// Of the field, from the root on: `$.card.number`.
    pub(super) path: String,
}

/// Reads the body; the fault names the field and never repeats what was sent.
pub(super) fn parse(bytes: &[u8]) -> Result<Body, BadBody> {
    // What is no JSON is that, whatever its first fields are.
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).map_err(|_| BadBody {
        status: 400,
        code: "json_invalid",
        path: "$".to_owned(),
    })?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let place = error.path().iter().filter_map(|segment| match segment {
            serde_path_to_error::Segment::Map { key } => Some(key.clone()),
            _ => None,
        });
        (place.collect(), error.into_inner())
    });
    let body: Body = read.map_err(|(place, error)| bad(place, &error))?;
    json.end().map_err(|error| bad(Vec::new(), &error))?;
    Ok(body)
}

fn bad(mut place: Vec<String>, error: &serde_json::Error) -> BadBody {
    let text = error.to_string();
    let named = |lead: &str| {
        let rest = text.strip_prefix(lead)?;
        rest.split('`').next().map(str::to_owned)
    };
    let faults = [
        ("duplicate field `", 400, "duplicate_key"),
        ("unknown field `", 422, "unknown_field"),
        ("missing field `", 422, "invalid_field"),
    ];
    let named = faults
        .iter()
        .find_map(|(lead, status, code)| named(lead).map(|field| (*status, *code, field)));
    let (status, code) = match named {
        Some((status, code, field)) => {
            // An unknown name may have been taken into the path already.
            if place.last() != Some(&field) {
                place.push(field);
            }
            (status, code)
        }
        None if error.is_data() => (422, "invalid_field"),
        None => (400, "json_invalid"),
    };
    let path = std::iter::once("$".to_owned()).chain(place).collect::<Vec<_>>().join(".");
    BadBody { status, code, path }
}
