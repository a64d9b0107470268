use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use kernel::Mode;

use super::{ops, picture};
use crate::fixtures::House;
use crate::fixtures::pages::{self, As};
use crate::{merchants, scope};

async fn merchant(house: &House) -> merchants::Merchant {
    let scope = house.hotel.scope.clone();
    let read = move |tx: &mut db::Tx<'_>| merchants::store::merchant(tx, &scope);
    house.ctx.db.read(read).await.unwrap().unwrap()
}

#[tokio::test]
async fn u_80_a_look_is_served_under_a_name_that_changes_with_it() {
    let house = House::new(&[]).await.unwrap();
    let routes = super::pages::routes().with_state(house.ctx.clone());
    let shop = house.hotel.shop.id;
    assert_eq!(merchant(&house).await.look(shop), http::page::Look::default());

    let mut file = Cursor::new(Vec::new());
    RgbImage::new(200, 100).write_to(&mut file, ImageFormat::Jpeg).unwrap();
    let picture = picture::encode_anew(file.get_ref()).unwrap();
    let (scope, now) = (house.hotel.scope.clone(), house.ctx.real_now());
    let dress = move |tx: &mut db::Tx<'_>| -> Result<bool, db::DbError> {
        ops::set_logo(tx, &scope, &picture, now)?;
        ops::set_accent(tx, &scope, Some("#FFD400"))
    };
    assert!(house.ctx.db.write(db::Route::any(), dress).await.unwrap());
    let look = merchant(&house).await.look(shop);
    let (theme, logo) = (look.theme.unwrap(), look.logo.unwrap());
    assert_eq!((logo.width, logo.height), (88, 44));

    let css = pages::get(&routes, As::Anyone, &theme).await.unwrap();
    assert!(css.text.contains("--accent:#856e00") && css.text.contains("--accent:#ffd400"));
    assert_eq!(css.header("cache-control"), "public, max-age=31536000, immutable");
    let png = pages::get(&routes, As::Anyone, &logo.src).await.unwrap();
    assert_eq!((png.status.as_u16(), png.header("content-type")), (200, "image/png"));
    let foreign = theme.replace(&shop.to_string(), &house.museum.shop.id.to_string());
    for path in [&foreign, "/theme/x/y.css", &format!("/theme/{shop}/{}.css", "A".repeat(12))] {
        let answer = pages::get(&routes, As::Anyone, path).await.unwrap();
        assert_eq!(answer.status.as_u16(), 404, "{path}");
    }

    let scope = house.hotel.scope.clone();
    let other = move |tx: &mut db::Tx<'_>| ops::set_accent(tx, &scope, Some("#7fd6c2"));
    house.ctx.db.write(db::Route::any(), other).await.unwrap();
    assert_ne!(merchant(&house).await.look(shop).theme.as_ref(), Some(&theme));
    assert_eq!(pages::get(&routes, As::Anyone, &theme).await.unwrap().status.as_u16(), 404);
}

#[tokio::test]
async fn a_live_shop_added_later_has_the_look_too() {
    let house = House::new(&[]).await.unwrap();
    let live = scope::for_house(house.hotel.scope.merchant(), Mode::Live);
    let (mut twin, now) = (house.hotel.shop.clone(), house.ctx.real_now());
    (twin.id, twin.mode) = (kernel::ShopId::new(now, house.ctx.rng.as_ref()), Mode::Live);
    let id = twin.id;
    let add = move |tx: &mut db::Tx<'_>| -> crate::fixtures::Outcome<()> {
        merchants::ops::add_shop(tx, &live, &twin, now)?;
        ops::set_accent(tx, &live, Some("#e2001a"))?;
        Ok(())
    };
    house.ctx.db.write(db::Route::any(), add).await.unwrap();
    let routes = super::pages::routes().with_state(house.ctx.clone());
    let path = merchant(&house).await.look(id).theme.unwrap();
    assert!(pages::get(&routes, As::Anyone, &path).await.unwrap().text.contains("#e2001a"));
}
