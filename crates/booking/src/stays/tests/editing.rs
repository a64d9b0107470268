//! Two people edit one lodging or one booking; programs do too.

use identity::fixtures::pages::{As, get, post, request, send, sign_in};
use kernel::FormulaId;
use serde_json::{Value, json};

use super::{Town, WEEK, plain};

/// The values of a form as a browser would send them back.
fn values(page: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(tag[start..].split('"').next()?.to_owned())
    };
    let form = &page[page.find("name=\"version\"").unwrap() - 40..];
    let mut found = Vec::new();
    for tag in form.split('<').filter(|tag| tag.starts_with("input") || tag.starts_with("textarea"))
    {
        let Some(name) = attribute(tag, "name") else { continue };
        let value = if tag.starts_with("textarea") {
            tag.split_once('>').map_or("", |(_, text)| text).trim_start().to_owned()
        } else {
            attribute(tag, "value").unwrap_or_default()
        };
        let is_box = tag.contains("checkbox") || tag.contains("radio");
        if !is_box || tag.contains("checked") {
            found.push((name, value));
        }
    }
    found
}

fn with(
    values: &[(String, String)],
    changes: &[(&'static str, &'static str)],
) -> Vec<(String, String)> {
    let kept = values.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    let changed = changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    kept.cloned().chain(changed).collect()
}

fn pairs(values: &[(String, String)]) -> Vec<(&str, &str)> {
    values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn u_26_the_later_of_two_edits_of_a_lodging_shows_both_versions() {
    let town = Town::new(16_800).await;
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let path = format!("/catalogue/{}", town.room.0);
    let form = values(&get(&town.pages, claire, &path).await.unwrap().text);
    let first = with(&form, &[("name_fr", "Suite Loire"), ("equipment_wifi", "1")]);
    let saved = post(&town.pages, claire, &path, &pairs(&first)).await.unwrap();
    assert_eq!(saved.status, 303, "{}", saved.text);
    // A double click: the first result, not a quarrel with oneself.
    let twice = post(&town.pages, claire, &path, &pairs(&first)).await.unwrap();
    assert_eq!((twice.status.as_u16(), twice.location()), (303, saved.location()));
    let other = values(&get(&town.pages, claire, &path).await.unwrap().text);
    let other = other.iter().find(|(name, _)| name == "form_token").unwrap().1.clone();
    let mut later = with(&form, &[("name_fr", "Suite royale"), ("equipment_pool", "1")]);
    later.retain(|(name, _)| name != "form_token");
    later.push(("form_token".into(), other));
    let both = post(&town.pages, claire, &path, &pairs(&later)).await.unwrap();
    assert_eq!(both.status, 409);
    let text = plain(&both.text);
    for told in ["Suite Loire", "Suite royale", "Wi-Fi", "Piscine", "Quelqu'un d'autre"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(town.see(&format!("/s/hotel-des-tuffeaux?{WEEK}")).await.text.contains("Suite Loire"));
    // The page shown carries the version of now: saving again is a decision.
    let again = values(&both.text);
    assert_eq!(post(&town.pages, claire, &path, &pairs(&again)).await.unwrap().status, 303);
    let public = plain(&town.see(&format!("/s/hotel-des-tuffeaux?{WEEK}&lang=fr")).await.text);
    assert!(public.contains("Suite royale") && public.contains("Piscine"), "{public}");
}

#[tokio::test]
async fn u_26_the_later_of_two_edits_of_a_formula_shows_both_and_a_form_counts_once() {
    let town = Town::new(16_800).await;
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let catalogue = get(&town.pages, claire, "/catalogue").await.unwrap().text;
    let start = catalogue.find(&format!("/catalogue/{}/formules/", town.room.0)).unwrap();
    let path: String = catalogue[start..].chars().take_while(|c| *c != '"').collect();
    let mine = values(&get(&town.pages, claire, &path).await.unwrap().text);
    let theirs = values(&get(&town.pages, claire, &path).await.unwrap().text);
    let first = with(&mine, &[("name_fr", "Tranquille"), ("deposit", "12,5")]);
    let saved = post(&town.pages, claire, &path, &pairs(&first)).await.unwrap();
    assert_eq!(saved.status, 303, "{}", saved.text);
    let twice = post(&town.pages, claire, &path, &pairs(&first)).await.unwrap();
    assert_eq!((twice.status.as_u16(), twice.location()), (303, saved.location()));
    let later = with(&theirs, &[("deposit", "40"), ("board", "half_board")]);
    let both = post(&town.pages, claire, &path, &pairs(&later)).await.unwrap();
    assert_eq!(both.status, 409, "{}", both.text);
    let text = plain(&both.text);
    for told in ["Quelqu'un d'autre", "Tranquille", "12,5", "En demi-pension"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let again = with(&values(&both.text), &[("name_fr", "Tranquille"), ("deposit", "101")]);
    let refused = post(&town.pages, claire, &path, &pairs(&again)).await.unwrap();
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("id=\"deposit-error\""), "{}", refused.text);
    let again = with(&again, &[("deposit", "40")]);
    assert_eq!(post(&town.pages, claire, &path, &pairs(&again)).await.unwrap().status, 303);
    let public = plain(&town.see(&format!("/s/hotel-des-tuffeaux?{WEEK}&lang=fr")).await.text);
    assert!(public.contains("Tranquille"), "{public}");
    let form = values(&get(&town.pages, claire, &path).await.unwrap().text);
    let value = |name: &str| form.iter().find(|(n, _)| n == name).unwrap().1.clone();
    assert_eq!((value("deposit").as_str(), value("board").as_str()), ("40", "half_board"));
    let (place, id) = path.rsplit_once('/').unwrap();
    let nowhere = FormulaId::random(town.house.ctx.rng.as_ref());
    assert_ne!(nowhere.to_string(), id);
    assert_eq!(get(&town.pages, claire, &format!("{place}/{nowhere}")).await.unwrap().status, 404);
}

#[tokio::test]
async fn u_24_a_lodging_entered_wrong_names_its_field_and_keeps_the_rest() {
    let town = Town::new(16_800).await;
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let path = format!("/catalogue/{}", town.room.0);
    let form = values(&get(&town.pages, claire, &path).await.unwrap().text);
    let wrong = [
        ("check_in", "25:00"),
        ("about_fr", "Carte 4111 1111 1111 1111"),
        ("conditions_fr", "Non-fumeur"),
    ];
    let refused = post(&town.pages, claire, &path, &pairs(&with(&form, &wrong))).await.unwrap();
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("id=\"check_in-error\"") && refused.text.contains("Non-fumeur"));
    assert!(refused.text.contains("id=\"about_fr-error\"") && !refused.text.contains("4111"));
}

#[tokio::test]
async fn l_48_equipment_and_conditions_are_entered_and_read_by_programs() {
    let town = Town::new(16_800).await;
    let patch = async |body: &Value| {
        let key = As::Key(&town.house.hotel.key);
        let path = format!("/v1/lodgings/{}", town.room.0);
        let request = request(key, "PATCH", &path).body(body.to_string().into()).unwrap();
        let answer = send(&town.api, request).await.unwrap();
        (answer.status.as_u16(), answer.json())
    };
    let (status, told) = patch(&json!({
        "equipment": ["pool", "wifi"], "conditions": {"fr": "Non-fumeur", "en": "No smoking"},
        "version": 1,
    }))
    .await;
    assert_eq!(status, 200, "{told}");
    assert_eq!((&told["equipment"], &told["version"]), (&json!(["wifi", "pool"]), &json!(2)));
    let (status, told) = patch(&json!({"check_in": "16:00", "version": 1})).await;
    assert_eq!((status, &told["code"]), (409, &json!("version_conflict")));
    assert_eq!(told["current"]["version"], 2);
    let (status, told) = patch(&json!({"equipment": ["dragon"]})).await;
    assert_eq!((status, &told["errors"][0]["path"]), (422, &json!("$.equipment")));
    let (status, told) = patch(&json!({"check_in": "4 pm"})).await;
    assert_eq!((status, &told["errors"][0]["path"]), (422, &json!("$.check_in")));
    let page = plain(&town.see(&format!("/s/hotel-des-tuffeaux?{WEEK}&lang=en")).await.text);
    assert!(page.contains("Wi-Fi, Pool") && page.contains("No smoking"), "{page}");
}

#[tokio::test]
async fn u_26_the_later_of_two_edits_of_a_booking_shows_both_versions() {
    let town = Town::new(0).await;
    let basket = town.basket().await;
    town.contact(&basket, "Exemple").await;
    town.submit(&format!("{basket}/payer?lang=fr"), &[("typology", "full")]).await;
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let list = get(&town.pages, claire, "/reservations").await.unwrap().text;
    let start = list.find("/reservations/bkg_").unwrap();
    let href: String = list[start..].chars().take_while(|c| *c != '"').collect();
    let path = format!("{href}/contact");
    let form = values(&get(&town.pages, claire, &path).await.unwrap().text);
    let first = with(&form, &[("last_name", "Martin"), ("note", "Arrive tard")]);
    assert_eq!(post(&town.pages, claire, &path, &pairs(&first)).await.unwrap().status, 303);
    let page = get(&town.pages, claire, &href).await.unwrap().text;
    assert!(page.contains("Martin") && page.contains("Arrive tard"), "{page}");
    let found = get(&town.pages, claire, "/reservations?q=martin").await.unwrap().text;
    assert!(found.contains(&href), "found under the new name");
    // A fault on the way does not make the later form one of the newer version.
    let wrong = with(&form, &[("note", "Lit bébé"), ("email", "nulle part")]);
    let refused = post(&town.pages, claire, &path, &pairs(&wrong)).await.unwrap();
    assert_eq!(refused.status, 422);
    let later = with(&values(&refused.text), &[("email", "marc@exemple.fr")]);
    let both = post(&town.pages, claire, &path, &pairs(&later)).await.unwrap();
    assert_eq!(both.status, 409);
    let text = plain(&both.text);
    assert!(text.contains("Arrive tard") && text.contains("Lit bébé"), "{text}");
    assert!(text.contains("Martin") && text.contains("Exemple"), "{text}");
    let journal = get(&town.pages, claire, &format!("{href}?onglet=journal")).await.unwrap().text;
    assert!(journal.contains("last_name, note"), "{journal}");
}

#[tokio::test]
async fn l_30_the_journal_says_from_where_a_booking_was_made_and_ended() {
    let town = Town::new(0).await;
    let basket = town.basket().await;
    town.contact(&basket, "Exemple").await;
    let pay = format!("{basket}/payer?lang=fr");
    let guest = async |fields: &[(&str, &str)]| {
        let body = fields.iter().map(|(name, value)| format!("{name}={value}"));
        let mut request = request(As::Anyone, "POST", &pay)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.collect::<Vec<_>>().join("&").into())
            .unwrap();
        let peer: std::net::SocketAddr = "198.51.100.7:4000".parse().unwrap();
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        send(&town.pages, request).await.unwrap()
    };
    assert_eq!(guest(&[("typology", "full")]).await.status, 303);
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let list = get(&town.pages, claire, "/reservations").await.unwrap().text;
    let start = list.find("/reservations/bkg_").unwrap();
    let href: String = list[start..].chars().take_while(|c| *c != '"').collect();
    let id = href.rsplit('/').next().unwrap();
    town.clock("2026-12-01T10:05:00Z");
    let cancel = format!("/v1/bookings/{id}/cancel");
    assert_eq!(town.ask(&cancel, &json!({ "reason": "Grippe" })).await.status, 200);
    let journal = get(&town.pages, claire, &format!("{href}?onglet=journal")).await.unwrap().text;
    let who: Vec<&str> = journal
        .split("<span class=\"who\">")
        .skip(1)
        .map(|part| part.split('<').next().unwrap())
        .collect();
    assert_eq!(who[0], "Le client · 198.51.100.7", "{journal}");
    assert!(who[1].ends_with(" · 127.0.0.1"), "{who:?}");
}

#[tokio::test]
async fn u_26_the_later_of_two_edits_of_a_tariff_shows_both_and_a_form_counts_once() {
    let town = Town::new(16_800).await;
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let list = format!("/catalogue/{}/tarifs", town.room.0);
    let page = get(&town.pages, claire, &list).await.unwrap().text;
    assert!(plain(&page).contains("168,00 €"), "{page}");
    let start = page.find(&format!("{list}/trf_")).unwrap();
    let path: String = page[start..].chars().take_while(|c| *c != '"').collect();
    let (mine, theirs) = (
        values(&get(&town.pages, claire, &path).await.unwrap().text),
        values(&get(&town.pages, claire, &path).await.unwrap().text),
    );
    let dearer = with(&mine, &[("per_stay", "170,50"), ("lengths", "2, 1")]);
    for _ in 0..2 {
        let saved = post(&town.pages, claire, &path, &pairs(&dearer)).await.unwrap();
        assert!(saved.location().starts_with(&list), "{} {}", saved.status, saved.text);
    }
    let cheaper = with(&theirs, &[("per_stay", "150")]);
    let both = post(&town.pages, claire, &path, &pairs(&cheaper)).await.unwrap();
    assert_eq!(both.status, 409);
    let text = plain(&both.text);
    for told in ["170,50", ">150<", "1, 2", "Quelqu'un d'autre"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let price = async || {
        let page = town.see(&format!("/s/hotel-des-tuffeaux?{WEEK}&lang=fr")).await.text;
        plain(&page)
    };
    assert!(price().await.contains("170,50 €"), "a tariff for exactly two nights");
    let again = values(&both.text);
    assert_eq!(post(&town.pages, claire, &path, &pairs(&again)).await.unwrap().status, 303);
    assert!(price().await.contains("300,00 €"), "two nights of 150");
    let journal = plain(&get(&town.pages, claire, "/journal").await.unwrap().text);
    assert_eq!(journal.matches("Tarif modifié").count(), 2, "{journal}");
}

#[tokio::test]
async fn u_24_a_tariff_entered_wrong_names_each_field_and_keeps_the_rest() {
    let town = Town::new(16_800).await;
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let list = format!("/catalogue/{}/tarifs", town.room.0);
    let page = get(&town.pages, claire, &list).await.unwrap().text;
    let start = page.find(&format!("{list}/trf_")).unwrap();
    let path: String = page[start..].chars().take_while(|c| *c != '"').collect();
    let form = values(&get(&town.pages, claire, &path).await.unwrap().text);
    let wrong = [("first_day", ""), ("lengths", "sept"), ("per_stay", "-4")];
    let refused = post(&town.pages, claire, &path, &pairs(&with(&form, &wrong))).await.unwrap();
    assert_eq!(refused.status, 422);
    for field in ["first_day", "lengths", "per_stay"] {
        assert!(refused.text.contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    assert!(refused.text.contains("value=\"sept\""), "{}", refused.text);
    let backward = with(&form, &[("first_day", "2026-12-20"), ("last_day", "2026-12-10")]);
    let english = format!("{path}?lang=en");
    let refused = post(&town.pages, claire, &english, &pairs(&backward)).await.unwrap();
    assert!(refused.text.contains("The last arrival cannot be before the first"));
}
