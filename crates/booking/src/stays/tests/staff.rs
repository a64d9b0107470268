//! What staff do with a stay that was booked.

use identity::fixtures::pages::{As, get, post, request, send, sign_in};
use serde_json::json;

use super::{Town, plain};

#[tokio::test]
async fn l_31_a_guest_who_did_not_come_is_noted_from_the_first_day_on() {
    let town = Town::new(0).await;
    let basket = town.basket().await;
    town.contact(&basket, "Exemple").await;
    town.submit(&format!("{basket}/payer?lang=fr"), &[]).await;
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let list = get(&town.pages, claire, "/reservations").await.unwrap();
    assert!(list.text.contains("RESA FERME"), "{}", list.text);
    let start = list.text.find("/reservations/bkg_").unwrap();
    let href: String = list.text[start..].chars().take_while(|c| *c != '"').collect();
    let absence = format!("{href}/absence");
    let early = plain(&get(&town.pages, claire, &href).await.unwrap().text);
    assert!(early.contains("Possible à partir du 05/12/2026."), "{early}");
    let fields = [("form_token", "early")];
    assert_eq!(post(&town.pages, claire, &absence, &fields).await.unwrap().status, 409);
    town.clock("2026-12-05T20:00:00Z");
    let ask = plain(&get(&town.pages, claire, &absence).await.unwrap().text);
    assert!(ask.contains("Confirmer l'absence"), "{ask}");
    for _ in 0..2 {
        let done = post(&town.pages, claire, &absence, &[("form_token", "late")]).await.unwrap();
        assert_eq!((done.status.as_u16(), done.location()), (303, href.as_str()));
    }
    let page = plain(&get(&town.pages, claire, &href).await.unwrap().text);
    assert!(page.contains("Non venu") && page.contains("Client non venu"), "{page}");
}

#[tokio::test]
async fn u_26_staff_find_a_booking_and_call_it_off_once() {
    let town = Town::new(0).await;
    let basket = town.basket().await;
    town.contact(&basket, "Exemple").await;
    town.submit(&format!("{basket}/payer?lang=fr"), &[]).await;
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let list = get(&town.pages, claire, "/reservations?q=exemple").await.unwrap();
    assert!(list.text.contains("DOS-2026-000001") && list.text.contains("Ferme"), "{}", list.text);
    let start = list.text.find("/reservations/bkg_").unwrap();
    let href: String = list.text[start..].chars().take_while(|c| *c != '"').collect();
    let page = get(&town.pages, claire, &href).await.unwrap();
    let text = plain(&page.text);
    assert!(text.contains("Il ne reste rien à encaisser.") && text.contains("Journal"), "{text}");
    let part = async |tab: &str| {
        get(&town.pages, claire, &format!("{href}?onglet={tab}")).await.unwrap().text
    };
    assert!(part("paiements").await.contains("Aucun paiement."));
    assert!(part("carte").await.contains("Coffre injoignable"), "no vault runs here");
    let today = get(&town.pages, claire, "/").await.unwrap();
    assert!(today.text.contains("DOS-2026-000001"), "{}", today.text);
    let cancel = format!("{href}/annuler");
    let ask = plain(&get(&town.pages, claire, &cancel).await.unwrap().text);
    assert!(ask.contains("Confirmer l'annulation"));
    for _ in 0..2 {
        let fields = [("form_token", "abc"), ("reason", "Grippe")];
        let done = post(&town.pages, claire, &cancel, &fields).await.unwrap();
        assert_eq!((done.status.as_u16(), done.location()), (303, href.as_str()));
    }
    let page = get(&town.pages, claire, &href).await.unwrap();
    assert!(page.text.contains("Annulée"), "{}", page.text);
    assert!(part("journal").await.contains("Grippe"));
    for text in [&list.text, &page.text, &today.text] {
        assert!(!text.contains("[booking-") && !text.contains("[today-"), "{text}");
    }
}

#[tokio::test]
async fn u_106_the_owner_switches_to_the_cheapest_cover() {
    let town = Town::new(13_000).await;
    let pair = json!({"periods": [{
        "formula": town.room.1, "from": "2026-12-01", "to": "2026-12-31", "nights": [2],
        "per_stay": 24_000,
    }]});
    let key = As::Key(&town.house.hotel.key);
    let put = request(key, "PUT", &format!("/v1/lodgings/{}/tariffs", town.room.0))
        .body(pair.to_string().into())
        .unwrap();
    let entered = send(&town.api, put).await.unwrap();
    assert_eq!(entered.status, 200, "{}", entered.text);
    let stay = json!({
        "arrival": "2026-12-05", "departure": "2026-12-09",
        "guests": [{"bracket": "adult", "count": 2}],
    });
    let price = async || town.ask("/v1/stays/search", &stay).await.json()["data"][0].clone();
    assert_eq!(price().await["total"]["amount"], 52_000);
    let search = "/s/hotel-des-tuffeaux?arrival=2026-12-05&departure=2026-12-09&g_adult=2&lang=";
    let french = super::plain(&town.see(&format!("{search}fr")).await.text);
    assert!(french.contains("2 + 2 nuits = 480,00 € n'a pas été évalué"), "{french}");
    let english = super::plain(&town.see(&format!("{search}en")).await.text);
    assert!(english.contains("2 + 2 nights = €480.00 was not evaluated"), "{english}");
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let page = get(&town.pages, claire, "/catalogue").await.unwrap();
    assert!(page.text.contains("Règle de prix"), "{}", page.text);
    let switch = format!("/catalogue/{}/regle", town.room.0);
    let done = post(&town.pages, claire, &switch, &[("policy", "cheapest")]).await.unwrap();
    assert_eq!(done.status, 303);
    assert_eq!(price().await["total"]["amount"], 48_000);
    assert_eq!(price().await["step"], "cheapest");
    let french = super::plain(&town.see(&format!("{search}fr")).await.text);
    assert!(french.contains("480,00 €") && !french.contains("évalué"), "{french}");
}
