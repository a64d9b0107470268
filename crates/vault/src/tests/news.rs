//! One question tells what is new, of all merchants.

use kernel::rng::OsRng;
use kernel::{MerchantId, ShopId};
use vault_wire::{LogEntries, NewsGet, ShopPut, WireScope};

use super::house::House;

#[test]
fn v_142_news_name_each_log_that_has_grown_and_no_other() {
    let mut house = House::open();
    let other = WireScope::of_house(MerchantId::random(&OsRng), ShopId::random(&OsRng));
    let shop = ShopPut { merchant: other.merchant, shop: other.shop, ..house.shop() };
    let shop = ShopPut { vault_keys: Vec::new(), ..shop };
    house.ask_as(&other, &shop).unwrap();
    let first = house.ask(&NewsGet::default()).unwrap();
    assert_eq!(first.logs.len(), 2, "a log without entries is told too");
    assert!(first.messages.is_empty());
    let again = house.ask(&NewsGet { seen: Some(first.mark.clone()) }).unwrap();
    assert_eq!((again.logs.len(), &again.mark), (0, &first.mark));

    house.card("4242424242424242", |_| ());
    let grown = house.ask(&NewsGet { seen: Some(first.mark.clone()) }).unwrap();
    let page = house.ask(&LogEntries { from: 0, limit: 10, card: None }).unwrap();
    assert_eq!(grown.logs.len(), 1);
    let log = &grown.logs[0];
    assert_eq!((log.merchant, log.shop), (house.scope.merchant, house.scope.shop));
    assert_eq!(log.size, page.size);
    assert_eq!(u64::try_from(page.entries.len()).unwrap(), page.size);
    assert!(page.entries.last().unwrap().single_use, "a card for one payment says so");

    house.kill();
    house.start();
    let later = house.ask(&NewsGet { seen: Some(grown.mark) }).unwrap();
    assert_eq!(later.logs.len(), 2, "a mark of an earlier life is as none");
}
