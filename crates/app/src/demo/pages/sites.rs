//! The sites that a visitor can stand before: one for each house of the demo, and one for a gîte
//! that a house lets beside its rooms.

use booking::lodging::model::Kind;
use booking::lodging::{Lodging, store as lodging_store};
use db::DbError;
use http::Refusal;
use kernel::{Locale, MerchantId, Mode};

use super::{DemoState, state};
use crate::demo::MerchantKeys;

/// A page of the phone.
pub(super) struct Site {
    /// Of what.
    pub(super) name: String,
    /// Its address, with the visitor's language.
    pub(super) href: String,
    /// Whose it is.
    pub(super) merchant: MerchantId,
}

/// All of them, each house before what it lets apart.
pub(super) async fn all(state: &DemoState, visitor: Locale) -> Result<Vec<Site>, Refusal> {
    let lang = visitor.code();
    let mut sites = Vec::new();
    for house in &state.keys.merchants {
        let site = |name: &str, query: &str| Site {
            name: name.to_owned(),
            href: format!("/s/{}?lang={lang}{query}", house.slug),
            merchant: house.id,
        };
        sites.push(site(&house.name, ""));
        let lodgings = lodgings(state, house).await.map_err(|error| state::failed(&error))?;
        let apart = lodgings.iter().filter(|lodging| lodging.kind == Kind::Furnished);
        let of = |lodging: &Lodging| {
            site(lodging.names.get(visitor), &format!("&lodging={}", lodging.id))
        };
        sites.extend(apart.map(of));
    }
    Ok(sites)
}

async fn lodgings(state: &DemoState, house: &MerchantKeys) -> Result<Vec<Lodging>, DbError> {
    let (scope, shop) = (identity::scope::for_house(house.id, Mode::Test), house.shop);
    state.ctx.db.read(move |tx| lodging_store::of_shop(tx, &scope, shop)).await
}
