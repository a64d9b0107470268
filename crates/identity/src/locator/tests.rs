use kernel::Right;

use crate::fixtures::House;
use crate::{locator, merchants};

#[tokio::test]
async fn a_token_leads_to_its_merchant_without_rights() {
    let house = House::new(&[]).await.unwrap();
    let (scope, shop) = (house.museum.scope.clone(), house.museum.shop.id);
    let (token, own) = (house.ctx.new_token(), scope.clone());
    let wanted = token.clone();
    let put = move |tx: &mut db::Tx<'_>| {
        locator::put(tx, &own, "payment", locator::hash(&token), shop.id())
    };
    house.ctx.db.write(db::Route::any(), put).await.unwrap();
    let foreign = house.hotel.scope.clone();
    let check = move |tx: &mut db::Tx<'_>| -> Result<(), db::DbError> {
        let (found, object) = locator::find(tx, "payment", &wanted)?.unwrap();
        assert_eq!((found.merchant(), found.mode()), (scope.merchant(), scope.mode()));
        assert_eq!(object, shop.id());
        assert!(!found.may(Right::PaymentsRead));
        assert!(locator::find(tx, "booking", &wanted)?.is_none());
        assert!(locator::find(tx, "payment", "autre")?.is_none());
        assert!(!locator::forget(tx, &foreign, "payment", locator::hash(&wanted))?);
        assert!(locator::forget(tx, &scope, "payment", locator::hash(&wanted))?);
        assert!(locator::find(tx, "payment", &wanted)?.is_none());
        Ok(())
    };
    house.ctx.db.write(db::Route::any(), check).await.unwrap();
}

#[tokio::test]
async fn a_slug_names_one_site() {
    let house = House::new(&[]).await.unwrap();
    let scope = house.museum.scope.clone();
    let (shop, hotel) = (house.museum.shop.id, house.hotel.scope.merchant());
    let take = move |tx: &mut db::Tx<'_>| {
        let (_, merchant, _) = merchants::ops::site(tx, "hotel-des-tuffeaux")?.unwrap();
        assert_eq!(merchant.id, hotel);
        merchants::ops::open_site(tx, &scope, shop, "hotel-des-tuffeaux")
    };
    let refused = house.ctx.db.write(db::Route::any(), take).await;
    assert!(matches!(refused, Err(merchants::MerchantError::SlugTaken)));
}
