//! The body of `POST /v1/cards`.

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
