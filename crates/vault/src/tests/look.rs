//! The shop's accent and logo on the card page, from the vault's own origin.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vault_wire::{ShopLogo, ShopLook};

use super::house::{House, payment};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand the rest";

fn part<'a>(page: &'a str, start: &str) -> &'a str {
    let rest = page.split_once(start).unwrap_or_else(|| panic!("no {start} in {page}")).1;
    rest.split('"').next().unwrap()
}

#[test]
fn u_36_the_card_page_has_the_look_of_the_shop_and_serves_it_itself() {
    let house = House::open();
    let mut shop = house.shop();
    let logo = ShopLogo { png: STANDARD.encode(PNG), width: 80, height: 44 };
    shop.look = ShopLook { accent: Some("#ffd400".into()), logo: Some(logo) };
    house.ask(&shop).unwrap();
    let page = house.page(&house.request(payment(1)));
    let shown = house.get(&page);
    let theme = format!("/theme/{}", part(&shown.body, "<link rel=\"stylesheet\" href=\"/theme/"));
    let sheet = house.get(&theme);
    assert_eq!((sheet.status, sheet.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(sheet.has("--accent:#856e00") && sheet.header("cache-control").contains("immutable"));
    let src = format!("/theme/{}", part(&shown.body, "<img src=\"/theme/"));
    assert_eq!(house.get(&src).header("content-type"), "image/png");
    assert!(shown.has("alt=\"Hôtel des Tuffeaux\""));
    assert_eq!(house.get(&theme.replace(".css", "x.css")).status, 404);

    shop.look.accent = Some("red}body{display:none".into());
    let refused = house.ask(&shop).unwrap_err();
    assert!(format!("{refused:?}").contains("$.look"), "{refused:?}");
}
