//! Profiles to begin with: the operator fills in the shop, the address and the networks.

use kernel::{Id, ShopId};
use serde_json::{Value, json};
use vault_wire::ProxyProfile;

/// Names of the ready profiles.
pub const READY_PROFILES: [&str; 3] = ["generic-json", "ota-xml", "form"];

/// A ready profile; its shop and addresses are examples.
#[must_use]
pub fn ready_profile(name: &str) -> Option<ProxyProfile> {
    let (format, paths) = match name {
        "generic-json" => ("json", beside("$..")),
        // OpenTravel Alliance, OTA_CommonTypes: PaymentCardType.
        "ota-xml" => (
            "xml",
            json!({
                "number": "//PaymentCard/@CardNumber", "exp": "//PaymentCard/@ExpireDate",
                "code": "//PaymentCard/@SeriesCode", "holder": "//PaymentCard/CardHolderName",
                "virtual_from": "//PaymentCard/@EffectiveDate", "brand": "//PaymentCard/@CardCode",
                "booking": "//HotelReservation/UniqueID/@ID",
            }),
        ),
        "form" => ("form", beside("")),
        _ => return None,
    };
    let profile = json!({
        "shop": ShopId::from(Id::from_bytes([0; 16])), "channel": "Example OTA", "direction": "in",
        "format": format, "paths": paths,
        "placeholders": {
            "number": ["0000000000000000"], "brand": ["XX"], "code": ["000", "0000"],
            "exp": ["0000"], "holder": ["-"],
        },
        "forward_to": "https://app.example.org/in", "on_unmapped": "refuse", "ips": ["192.0.2.7"],
    });
    serde_json::from_value(profile).ok()
}

fn beside(lead: &str) -> Value {
    let at = |name: &str| format!("{lead}{name}");
    json!({
        "number": at("card_number"), "exp": at("card_exp"), "code": at("card_code"),
        "holder": at("card_holder"), "booking": at("booking"),
    })
}
