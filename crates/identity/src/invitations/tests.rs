use axum::Router;
use axum::http::StatusCode;

use crate::fixtures::House;
use crate::fixtures::pages::{self, As};
use crate::users::time_code;

fn routes(house: &House) -> Router {
    crate::pages::routes().with_state(house.ctx.clone())
}

fn part<'a>(page: &'a str, start: &str) -> &'a str {
    let rest = page.split_once(start).unwrap_or_else(|| panic!("no {start} in {page}")).1;
    rest.split(['"', '<']).next().unwrap()
}

fn token(page: &str) -> String {
    part(page, "name=\"form_token\" value=\"").to_owned()
}

/// RFC 4648 base 32, as an authenticator reads it.
fn seed_of(secret: &str) -> Vec<u8> {
    let mut bits = 0_u32;
    let (mut held, mut bytes) = (0_u32, Vec::new());
    for letter in secret.bytes().filter(|letter| *letter != b' ') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            digit => digit - b'2' + 26,
        };
        (bits, held) = ((bits << 5) | u32::from(value), held + 5);
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).unwrap());
        }
    }
    bytes
}

#[tokio::test]
async fn u_04_the_owner_invites_someone_who_chooses_his_own_secrets() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house);
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let people = pages::get(&routes, claire, "/parametres/utilisateurs").await.unwrap();
    assert!(people.text.contains("Malik") && people.text.contains("jusqu"), "{}", people.text);
    assert!(!people.text.contains("Musée"), "{}", people.text);
    let form_token = token(&people.text);
    let fields = [
        ("form_token", form_token.as_str()),
        ("name", "Léa"),
        ("email", "lea@exemple.fr"),
        ("role", "desk"),
        ("ceiling", "50,00"),
        ("lang", "fr"),
    ];
    let path = "/parametres/utilisateurs";
    let sent = pages::post(&routes, claire, path, &fields).await.unwrap();
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text);
    let link = part(&sent.text, "<code id=\"link\">http://127.0.0.1:7700").to_owned();
    let again = pages::post(&routes, claire, path, &fields).await.unwrap();
    assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, path));

    let page = pages::get(&routes, As::Anyone, &link).await.unwrap().text;
    assert!(page.contains("lea@exemple.fr") && page.contains("otpauth://totp/Guichet:lea%40"));
    let seed = seed_of(part(&page, "<code id=\"secret\">"));
    let code = time_code::code_at(&seed, house.ctx.real_now()).unwrap();
    let try_out = async |password: &str, again: &str, code: &str| {
        let fields = [("password", password), ("again", again), ("code", code)];
        pages::post(&routes, As::Anyone, &link, &fields).await.unwrap()
    };
    let wrong = try_out("court", "autre", "000000").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["12 caractères au moins", "deux mots de passe diffèrent", "6 chiffres que"] {
        assert!(wrong.text.contains(words), "{words}: {}", wrong.text);
    }
    let mine = "une phrase que je retiens";
    let ready = try_out(mine, mine, &code).await;
    assert_eq!(ready.location(), "/connexion?motif=pret", "{}", ready.text);
    assert_eq!(try_out(mine, mine, &code).await.status, StatusCode::NOT_FOUND, "used once");

    house.clock.go_on(30);
    let code = time_code::code_at(&seed, house.ctx.real_now()).unwrap();
    let fields = [("email", "lea@exemple.fr"), ("password", mine), ("code", code.as_str())];
    let inside = pages::post(&routes, As::Anyone, "/connexion", &fields).await.unwrap();
    let lea = As::Browser(inside.cookie());
    let own = pages::get(&routes, lea, "/taches").await.unwrap();
    assert!(own.text.contains("Léa") && own.text.contains("Guichet"), "{}", own.text);
    assert_eq!(pages::get(&routes, lea, path).await.unwrap().status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn u_06_a_new_link_and_a_closed_access_act_at_the_next_request() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house);
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let malik = pages::sign_in(&house, &routes, &house.malik).await.unwrap();
    let of_malik = async || {
        let answer = pages::get(&routes, As::Browser(&malik), "/taches").await.unwrap();
        answer.status
    };
    assert_eq!(of_malik().await, StatusCode::OK);
    let path = format!("/parametres/utilisateurs/{}", house.malik.id);
    let role = [("role", "desk"), ("ceiling", "20,00"), ("reveal", "1"), ("reason", "")];
    let bare = pages::post(&routes, claire, &format!("{path}/role"), &role).await.unwrap();
    assert!(bare.text.contains("Saisissez le motif"), "card.reveal needs a reason");
    let nights = "Ouvre seul, la nuit";
    let role = [("role", "desk"), ("ceiling", "20,00"), ("reveal", "1"), ("reason", nights)];
    let saved = pages::post(&routes, claire, &format!("{path}/role"), &role).await.unwrap();
    assert_eq!(saved.location(), format!("{path}?fait=role"));
    let page = pages::get(&routes, claire, &path).await.unwrap().text;
    assert!(page.contains("20,00") && page.contains("par son nom"), "{page}");

    let renewed = pages::post(&routes, claire, &format!("{path}/lien"), &[]).await.unwrap();
    assert!(renewed.text.contains("/invitation/"), "{}", renewed.text);
    assert_eq!(of_malik().await, StatusCode::SEE_OTHER, "his session is over");
    let ask = pages::get(&routes, claire, &format!("{path}/retirer")).await.unwrap();
    assert!(ask.text.contains("Malik ne pourra plus"), "{}", ask.text);
    pages::post(&routes, claire, &format!("{path}/retirer"), &[]).await.unwrap();
    let link = part(&renewed.text, "<code id=\"link\">http://127.0.0.1:7700").to_owned();
    let gone = pages::get(&routes, As::Anyone, &link).await.unwrap();
    assert_eq!(gone.status, StatusCode::NOT_FOUND, "a closed access has no open link");

    let own = format!("/parametres/utilisateurs/{}", house.claire.id);
    let page = pages::get(&routes, claire, &own).await.unwrap().text;
    assert!(page.contains("ne s&#39;enferme dehors"), "{page}");
    let kept = pages::post(&routes, claire, &format!("{own}/retirer"), &[]).await.unwrap();
    assert_eq!(kept.location(), own);
    assert_eq!(pages::get(&routes, claire, &own).await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn q_41_people_of_another_merchant_do_not_exist() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house);
    let owner = crate::users::Assignment::of_role(crate::roles::OWNER);
    let scope = &house.museum.scope;
    let yann = crate::fixtures::person(&house.ctx, scope, "Yann", owner).await.unwrap();
    let cookie = pages::sign_in(&house, &routes, &yann).await.unwrap();
    let yann = As::Browser(&cookie);
    let path = format!("/parametres/utilisateurs/{}", house.malik.id);
    for path in [path.clone(), format!("{path}/retirer")] {
        let answer = pages::get(&routes, yann, &path).await.unwrap();
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    for action in ["role", "lien", "retirer"] {
        let path = format!("{path}/{action}");
        let answer = pages::post(&routes, yann, &path, &[("role", "owner")]).await.unwrap();
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn u_14_a_key_is_shown_once_and_revoked_at_once() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house);
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let list = pages::get(&routes, claire, "/parametres/cles").await.unwrap().text;
    let shop = house.hotel.shop.id.to_string();
    let form_token = token(&list);
    let mut fields = vec![
        ("form_token", form_token.as_str()),
        ("name", "Logiciel"),
        ("shop", shop.as_str()),
        ("rights", "reception"),
        ("networks", "partout"),
    ];
    let wrong = pages::post(&routes, claire, "/parametres/cles", &fields).await.unwrap();
    assert!(wrong.text.contains("par exemple 192.0.2.10"), "{}", wrong.text);
    fields[4].1 = "192.0.2.10\r\n127.0.0.0/8";
    let made = pages::post(&routes, claire, "/parametres/cles", &fields).await.unwrap();
    let key = part(&made.text, "<code id=\"key\">").to_owned();
    assert!(key.starts_with("gk_test_"), "{}", made.text);
    let again = pages::post(&routes, claire, "/parametres/cles", &fields).await.unwrap();
    assert_eq!(again.location(), "/parametres/cles", "shown once");
    let list = pages::get(&routes, claire, "/parametres/cles").await.unwrap().text;
    assert!(list.contains("Logiciel") && !list.contains(&key), "{list}");

    let text = crate::keys::KeyText::parse(&key).unwrap();
    let now = house.ctx.real_now();
    let from = std::net::IpAddr::from([127, 0, 0, 1]);
    let check = move |tx: &mut db::Tx<'_>| crate::keys::ops::check(tx, &text, from, now);
    let (stored, scope) = house.ctx.db.read(check.clone()).await.unwrap();
    assert!(scope.may(kernel::Right::PaymentsRead) && !scope.may(kernel::Right::KeysManage));
    let revoke = format!("/parametres/cles/{}/revoquer", stored.id);
    let ask = pages::get(&routes, claire, &revoke).await.unwrap();
    assert!(ask.text.contains("dès leur prochain appel"), "{}", ask.text);
    pages::post(&routes, claire, &revoke, &[]).await.unwrap();
    assert!(house.ctx.db.read(check).await.is_err());
}

#[tokio::test]
async fn v_16_who_may_see_numbers_has_it_for_a_reason_of_ten_to_two_hundred_characters() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house);
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let path = format!("/parametres/utilisateurs/{}/role", house.malik.id);
    let long = "n".repeat(201);
    for reason in ["nuits", long.as_str(), "carte 4242 4242 4242 4242"] {
        let role = [("role", "desk"), ("ceiling", "20,00"), ("reveal", "1"), ("reason", reason)];
        let refused = pages::post(&routes, claire, &path, &role).await.unwrap();
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason}");
        assert!(refused.text.contains("10 à 200 caractères"), "{}", refused.text);
    }
    let fine = "n".repeat(10);
    let role = [("role", "desk"), ("ceiling", "20,00"), ("reveal", "1"), ("reason", fine.as_str())];
    let saved = pages::post(&routes, claire, &path, &role).await.unwrap();
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
}
