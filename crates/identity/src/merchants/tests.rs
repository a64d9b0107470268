use kernel::{Mode, Scope};

use crate::fixtures::House;
use crate::merchants::{MerchantError, ops, store};
use crate::scope;

#[tokio::test]
async fn q_41_a_merchant_sees_his_own_shops_of_one_mode_only() {
    let house = House::new(&[]).await.unwrap();
    let (hotel, museum) = (house.hotel.clone(), house.museum.clone());
    let live = scope::for_house(hotel.scope.merchant(), Mode::Live);
    let check = move |tx: &mut db::Tx<'_>| -> Result<(), db::DbError> {
        let found = store::shop(tx, &hotel.scope, hotel.shop.id)?.unwrap();
        assert_eq!((found.fee, found.brands), (hotel.shop.fee, hotel.shop.brands.clone()));
        assert!(store::shop(tx, &museum.scope, hotel.shop.id)?.is_none());
        assert!(store::shop(tx, &live, hotel.shop.id)?.is_none());
        assert!(store::point_of_sale(tx, &hotel.scope, hotel.point)?.is_some());
        assert!(store::point_of_sale(tx, &museum.scope, hotel.point)?.is_none());
        assert!(store::point_of_sale(tx, &live, hotel.point)?.is_none());
        assert_eq!(store::shops(tx, &hotel.scope)?.len(), 1);
        assert_eq!(store::points_of_sale(tx, &hotel.scope, hotel.shop.id)?.len(), 1);
        assert_eq!(store::merchant(tx, &hotel.scope)?.unwrap().name, "Hôtel des Tuffeaux");
        Ok(())
    };
    house.ctx.db.read(check).await.unwrap();
}

#[tokio::test]
async fn a_shop_never_changes_its_mode() {
    let house = House::new(&[]).await.unwrap();
    let (scope, shop, now): (Scope, _, _) = (
        scope::for_house(house.hotel.scope.merchant(), Mode::Live),
        house.hotel.shop.clone(),
        house.ctx.real_now(),
    );
    let add = move |tx: &mut db::Tx<'_>| ops::add_shop(tx, &scope, &shop, now);
    let refused = house.ctx.db.write(db::Route::any(), add).await;
    assert!(matches!(refused, Err(MerchantError::Foreign)));
}
