//! What is done with merchants: create one, add shops and points of sale, open a site.

use db::{DbError, Tx};
use kernel::{Scope, ShopId, Timestamp};

use super::model::{self, Merchant, PointOfSale, Shop};
use super::store;
use crate::{locator, looks, roles, users};

/// Kind of the locator rows that lead from a slug to a shop.
pub const SITE: &str = "site";

/// Why a merchant, shop or site was refused.
#[derive(Debug, thiserror::Error)]
pub enum MerchantError {
    /// The scope is another merchant's, or of another mode.
    #[error("the scope does not fit")]
    Foreign,
    /// A field that cannot be taken as it is.
    #[error("this field cannot be taken: {0}")]
    Field(&'static str),
    /// Another site has this slug.
    #[error("this slug is taken")]
    SlugTaken,
    /// No such shop.
    #[error("no such shop")]
    UnknownShop,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Adds the merchant of the scope, with a copy of every preset role.
///
/// # Errors
/// [`MerchantError::Foreign`], [`MerchantError::Field`].
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    merchant: &Merchant,
    now: Timestamp,
) -> Result<(), MerchantError> {
    if merchant.id != scope.merchant() {
        return Err(MerchantError::Foreign);
    }
    let fine = [
        ("name", model::is_name(&merchant.name)),
        ("slug", model::is_slug(&merchant.slug)),
        ("accent", merchant.accent.as_deref().is_none_or(model::is_colour)),
    ];
    refuse_first(&fine)?;
    store::add(tx, scope, merchant, now)?;
    for preset in roles::PRESETS {
        users::store::add_role(tx, scope, preset.name, &preset.rights(), now)?;
    }
    Ok(())
}

/// Adds a shop of the scope's mode.
///
/// # Errors
/// [`MerchantError::Foreign`] when the modes differ, [`MerchantError::Field`].
pub fn add_shop(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: &Shop,
    now: Timestamp,
) -> Result<(), MerchantError> {
    if shop.mode != scope.mode() {
        return Err(MerchantError::Foreign);
    }
    refuse_first(&[("name", model::is_name(&shop.name)), ("fee", shop.fee.is_sound())])?;
    store::add_shop(tx, scope, shop, now)?;
    Ok(looks::ops::open(tx, scope, shop.id)?)
}

/// Adds a point of sale to a shop of the scope.
///
/// # Errors
/// [`MerchantError::UnknownShop`], [`MerchantError::Field`].
pub fn add_point_of_sale(
    tx: &mut Tx<'_>,
    scope: &Scope,
    point: &PointOfSale,
    now: Timestamp,
) -> Result<(), MerchantError> {
    store::shop(tx, scope, point.shop)?.ok_or(MerchantError::UnknownShop)?;
    refuse_first(&[("name", model::is_name(&point.name))])?;
    Ok(store::add_point_of_sale(tx, scope, point, now)?)
}

/// Opens the public site of a shop under a slug, which may be used once in the installation.
///
/// # Errors
/// [`MerchantError::SlugTaken`], [`MerchantError::UnknownShop`], [`MerchantError::Field`].
pub fn open_site(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    slug: &str,
) -> Result<(), MerchantError> {
    refuse_first(&[("slug", model::is_slug(slug))])?;
    store::shop(tx, scope, shop)?.ok_or(MerchantError::UnknownShop)?;
    if locator::find(tx, SITE, slug)?.is_some() {
        return Err(MerchantError::SlugTaken);
    }
    store::set_slug(tx, scope, (shop, slug))?;
    Ok(locator::put(tx, scope, SITE, locator::hash(slug), shop.id())?)
}

/// The site behind a slug, of a shop that is open: a payer's scope, the merchant and the shop that
/// sells.
///
/// # Errors
/// [`DbError`].
pub fn site(tx: &mut Tx<'_>, slug: &str) -> Result<Option<(Scope, Merchant, Shop)>, DbError> {
    let Some((scope, shop)) = locator::find(tx, SITE, slug)? else { return Ok(None) };
    let merchant = store::merchant(tx, &scope)?;
    let shop = store::shop(tx, &scope, shop.into())?.filter(Shop::is_open);
    Ok(merchant.zip(shop).map(|(merchant, shop)| (scope, merchant, shop)))
}

fn refuse_first(fields: &[(&'static str, bool)]) -> Result<(), MerchantError> {
    let bad = fields.iter().find(|(_, fine)| !fine);
    bad.map_or(Ok(()), |(name, _)| Err(MerchantError::Field(name)))
}
