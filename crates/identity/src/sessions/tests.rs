use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use kernel::{AuditId, Right};
use web::Context;

use crate::extract::{Staff, needs};
use crate::fixtures::pages::{self, Answer, As};
use crate::fixtures::{House, PASSWORD, Person};
use crate::users::Assignment;
use crate::{audit, fixtures, users};

async fn refund_desk(staff: Staff<needs::PaymentsRefund>) -> String {
    format!("{} {:?}", staff.user.name, staff.ceiling(Right::PaymentsRefund))
}

fn routes(ctx: &Context) -> Router {
    let routes = crate::pages::routes().route("/bureau", get(refund_desk));
    web::csrf::guard(routes, ctx).with_state(ctx.clone())
}

async fn try_in(routes: &Router, person: &Person, password: &str, code: &str) -> Answer {
    let fields = [("email", person.email.as_str()), ("password", password), ("code", code)];
    pages::post(routes, As::Anyone, "/connexion", &fields).await.unwrap()
}

#[tokio::test]
async fn u_08_sign_in_leads_to_the_page_asked_for() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let sent = pages::get(&routes, As::Anyone, "/bureau?a=1").await.unwrap();
    assert_eq!(
        (sent.status, sent.location()),
        (StatusCode::SEE_OTHER, "/connexion?next=/bureau%3Fa%3D1")
    );
    let form = pages::get(&routes, As::Anyone, sent.location()).await.unwrap();
    assert!(form.text.contains(r#"name="next" value="/bureau?a=1""#), "{}", form.text);
    assert!(form.text.contains("Mot de passe") && form.text.contains(r#"lang="fr""#));
    let english = pages::get(&routes, As::Anyone, "/connexion?lang=en").await.unwrap();
    assert!(english.text.contains("Password"));

    let code = house.code(&house.malik);
    let fields = [
        ("email", " Malik@Exemple.FR "),
        ("password", PASSWORD),
        ("code", code.as_str()),
        ("next", "/bureau?a=1"),
    ];
    let inside = pages::post(&routes, As::Anyone, "/connexion", &fields).await.unwrap();
    assert_eq!((inside.status, inside.location()), (StatusCode::SEE_OTHER, "/bureau?a=1"));
    let cookie = inside.header("set-cookie");
    assert!(cookie.starts_with("guichet=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"));
    let page = pages::get(&routes, As::Browser(inside.cookie()), "/bureau").await.unwrap();
    assert_eq!(page.text, "Malik Some(5000)");
}

#[tokio::test]
async fn the_cookie_is_bound_to_the_host_under_https() {
    let house = House::new(&[]).await.unwrap();
    let mut ctx = house.ctx.clone();
    ctx.urls = std::sync::Arc::new(web::Urls {
        app: "https://guichet.exemple.fr".into(),
        vault: "https://coffre.exemple.fr".into(),
        bank: String::new(),
    });
    let answer = try_in(&routes(&ctx), &house.claire, PASSWORD, &house.code(&house.claire)).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-guichet="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
}

#[tokio::test]
async fn wrong_secrets_are_refused_without_saying_which() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let code = house.code(&house.claire);
    let wrong_password = try_in(&routes, &house.claire, "pas le bon mot de passe", &code).await;
    let wrong_code = try_in(&routes, &house.claire, PASSWORD, "000000").await;
    let stranger = Person { email: "qui@exemple.fr".into(), ..house.claire.clone() };
    let unknown = try_in(&routes, &stranger, PASSWORD, &code).await;
    for answer in [wrong_password, wrong_code, unknown] {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.cookie().is_empty());
        assert!(answer.text.contains("<title>Erreur"), "{}", answer.text);
        assert!(answer.text.contains("L&#39;adresse, le mot de passe ou le code est incorrect"));
        assert!(!answer.text.contains("pas le bon"));
    }
    let empty = try_in(&routes, &house.claire, "", "").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains(r##"<a href="#password">Saisissez votre mot de passe"##));
}

#[tokio::test]
async fn a_used_code_is_refused_and_a_double_click_is_not() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let code = house.code(&house.claire);
    let fields = |token| {
        [
            ("email", house.claire.email.as_str()),
            ("password", PASSWORD),
            ("code", code.as_str()),
            ("form_token", token),
        ]
    };
    let first = pages::post(&routes, As::Anyone, "/connexion", &fields("one")).await.unwrap();
    let again = pages::post(&routes, As::Anyone, "/connexion", &fields("one")).await.unwrap();
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    assert_eq!(first.cookie(), again.cookie());
    let other = pages::post(&routes, As::Anyone, "/connexion", &fields("two")).await.unwrap();
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
    assert!(other.text.contains("Ce code a déjà servi"));
    let no_token = try_in(&routes, &house.claire, PASSWORD, &code).await;
    assert_eq!(no_token.status, StatusCode::UNAUTHORIZED);

    pages::post(&routes, As::Browser(first.cookie()), "/deconnexion", &[]).await.unwrap();
    let after = pages::post(&routes, As::Anyone, "/connexion", &fields("one")).await.unwrap();
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
    house.clock.go_on(30);
    let fresh = try_in(&routes, &house.claire, PASSWORD, &house.code(&house.claire)).await;
    assert_eq!(fresh.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn q_44_five_failures_pause_the_account_even_after_a_restart() {
    let house = House::new(&[]).await.unwrap();
    let before = routes(&house.ctx);
    for _ in 0..5 {
        let answer = try_in(&before, &house.claire, "pas le bon mot de passe", "000000").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let after = routes(&house.restarted().await.unwrap());
    let paused = try_in(&after, &house.claire, PASSWORD, &house.code(&house.claire)).await;
    assert_eq!(paused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(paused.text.contains("recommencez dans 15 minutes"), "{}", paused.text);
    assert!(paused.header("retry-after").parse::<i64>().unwrap() <= 900);
    let colleague = try_in(&after, &house.malik, PASSWORD, &house.code(&house.malik)).await;
    assert_eq!(colleague.status, StatusCode::SEE_OTHER);

    house.clock.go_on(15 * 60);
    let later = try_in(&after, &house.claire, PASSWORD, &house.code(&house.claire)).await;
    assert_eq!(later.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn q_44_a_burst_of_tries_is_counted_before_it_is_compared() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let tries = (0..12).map(|_| {
        let (routes, claire) = (routes.clone(), house.claire.clone());
        tokio::spawn(async move { try_in(&routes, &claire, PASSWORD, "000000").await.status })
    });
    let mut compared = 0;
    for attempt in tries.collect::<Vec<_>>() {
        compared += usize::from(attempt.await.unwrap() == StatusCode::UNAUTHORIZED);
    }
    assert_eq!(compared, 5);
}

#[tokio::test]
async fn q_44_one_address_may_not_try_many_accounts() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let mut refused = 0;
    for number in 0..22 {
        let person = Person { email: format!("p{number}@exemple.fr"), ..house.claire.clone() };
        let answer = try_in(&routes, &person, PASSWORD, "000000").await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn q_47_a_session_ends_after_15_minutes_idle_and_12_hours() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    let is_open = async |cookie: &str| {
        let answer = pages::get(&routes, As::Browser(cookie), "/bureau").await.unwrap();
        answer.status == StatusCode::OK
    };
    for _ in 0..51 {
        house.clock.go_on(14 * 60);
        assert!(is_open(&cookie).await);
    }
    house.clock.go_on(6 * 60);
    assert!(!is_open(&cookie).await, "12 hours are over");

    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    house.clock.go_on(15 * 60);
    let answer = pages::get(&routes, As::Browser(&cookie), "/bureau").await.unwrap();
    assert_eq!(answer.location(), "/connexion?next=/bureau&motif=fin");
    let form = pages::get(&routes, As::Anyone, answer.location()).await.unwrap();
    assert!(form.text.contains("Votre session est terminée"));
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    let foreign = pages::request(As::Browser(&cookie), "POST", "/deconnexion")
        .header("sec-fetch-site", "cross-site")
        .body(axum::body::Body::empty())
        .unwrap();
    let refused = pages::send(&routes, foreign).await.unwrap();
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("<h1>Accès refusé</h1>"), "{}", refused.text);
    assert!(refused.text.contains("envoyé depuis un autre site"), "{}", refused.text);
    assert_eq!(
        pages::get(&routes, As::Browser(&cookie), "/bureau").await.unwrap().status,
        StatusCode::OK
    );
    let out = pages::post(&routes, As::Browser(&cookie), "/deconnexion", &[]).await.unwrap();
    assert_eq!(out.location(), "/connexion?motif=sortie");
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    let after = pages::get(&routes, As::Browser(&cookie), "/bureau").await.unwrap();
    assert_eq!(after.status, StatusCode::SEE_OTHER);
    for forged in ["guichet=", "guichet=abc", "autre=1"] {
        let answer = pages::get(&routes, As::Browser(forged), "/bureau").await.unwrap();
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{forged}");
    }
}

#[tokio::test]
async fn u_09_a_missing_right_is_named_with_who_can_grant_it() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let cookie = pages::sign_in(&house, &routes, &house.malik).await.unwrap();
    let answer = pages::get(&routes, As::Browser(&cookie), "/parametres").await.unwrap();
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("settings.manage") && answer.text.contains("Demandez à Claire"));
    assert!(answer.text.contains("Réception"), "the frame says who is signed in");
    let english = pages::get(&routes, As::Browser(&cookie), "/parametres?lang=en").await.unwrap();
    assert!(english.text.contains("Ask Claire"));
}

#[tokio::test]
async fn u_06_rights_and_disabling_act_at_the_next_request() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let cookie = pages::sign_in(&house, &routes, &house.malik).await.unwrap();
    let status =
        async |path: &str| pages::get(&routes, As::Browser(&cookie), path).await.unwrap().status;
    assert_eq!(status("/parametres").await, StatusCode::FORBIDDEN);
    let (scope, id, now) = (house.hotel.scope.clone(), house.malik.id, house.ctx.real_now());
    let owner = Assignment::of_role("owner");
    let give = move |tx: &mut db::Tx<'_>| users::ops::assign(tx, &scope, id, &owner, now);
    house.ctx.db.write(db::Route::any(), give).await.unwrap();
    assert_eq!(status("/parametres").await, StatusCode::OK);
    let scope = house.hotel.scope.clone();
    let take = move |tx: &mut db::Tx<'_>| users::ops::unassign(tx, &scope, id, "owner");
    house.ctx.db.write(db::Route::any(), take).await.unwrap();
    assert_eq!(status("/parametres").await, StatusCode::FORBIDDEN);
    assert_eq!(status("/bureau").await, StatusCode::OK);
    let scope = house.hotel.scope.clone();
    let disable = move |tx: &mut db::Tx<'_>| users::ops::disable(tx, &scope, id, now);
    house.ctx.db.write(db::Route::any(), disable).await.unwrap();
    assert_eq!(status("/bureau").await, StatusCode::SEE_OTHER);
    house.clock.go_on(60);
    let again = try_in(&routes, &house.malik, PASSWORD, &house.code(&house.malik)).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_role_at_one_of_two_shops_does_not_reach_the_other() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let at_shop = Assignment {
        place: users::Place::Shop(house.hotel.shop.id),
        ..Assignment::of_role("reception")
    };
    let person = fixtures::person(&house.ctx, &house.hotel.scope, "Lou", at_shop).await.unwrap();
    let cookie = pages::sign_in(&house, &routes, &person).await.unwrap();
    let status =
        async || pages::get(&routes, As::Browser(&cookie), "/bureau").await.unwrap().status;
    assert_eq!(status().await, StatusCode::OK);
    let (rng, now) = (house.ctx.rng.clone(), house.ctx.real_now());
    let second = fixtures::test_shop(
        kernel::ShopId::new(now, rng.as_ref()),
        kernel::ContractId::new(now, rng.as_ref()),
    );
    let scope = house.hotel.scope.clone();
    let add = move |tx: &mut db::Tx<'_>| crate::merchants::ops::add_shop(tx, &scope, &second, now);
    house.ctx.db.write(db::Route::any(), add).await.unwrap();
    assert_eq!(status().await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn u_07_the_journal_tells_sign_ins_and_refusals_of_this_merchant_only() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    try_in(&routes, &house.claire, "pas le bon mot de passe", "000000").await;
    let malik = pages::sign_in(&house, &routes, &house.malik).await.unwrap();
    pages::get(&routes, As::Browser(&malik), "/parametres").await.unwrap();
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    let journal = pages::get(&routes, As::Browser(&cookie), "/journal").await.unwrap();
    for word in ["Connexion refusée", "Accès refusé", "settings.manage", "Malik", "127.0.0.1"] {
        assert!(journal.text.contains(word), "{word}: {}", journal.text);
    }
    let denied = pages::get(&routes, As::Browser(&malik), "/journal").await.unwrap();
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let owner = Assignment::of_role("owner");
    let yann = fixtures::person(&house.ctx, &house.museum.scope, "Yann", owner).await.unwrap();
    let cookie = pages::sign_in(&house, &routes, &yann).await.unwrap();
    let other = pages::get(&routes, As::Browser(&cookie), "/journal").await.unwrap();
    assert!(other.text.contains("Yann") && !other.text.contains("Malik"));
    let path = format!("/journal?objet={}", house.malik.id);
    let object = pages::get(&routes, As::Browser(&cookie), &path).await.unwrap();
    assert!(object.text.contains("apparaîtra ici"), "{}", object.text);
}

#[tokio::test]
async fn the_journal_goes_on_page_after_page() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    for number in 0..60 {
        let scope = house.hotel.scope.clone();
        let now = house.ctx.real_now().plus_seconds(number);
        let id = AuditId::new(now, house.ctx.rng.as_ref());
        let line = audit::Line::new("clock.moved", format!("obj_{number:02}"), &Default::default());
        let add = move |tx: &mut db::Tx<'_>| audit::record(tx, &scope, &line, now, id);
        house.ctx.db.write(db::Route::any(), add).await.unwrap();
    }
    let first = pages::get(&routes, As::Browser(&cookie), "/journal").await.unwrap();
    assert!(first.text.contains("obj_59") && !first.text.contains("obj_09"));
    let at = first.text.find("/journal?avant=").unwrap();
    let older = first.text[at..].split('"').next().unwrap();
    let second = pages::get(&routes, As::Browser(&cookie), older).await.unwrap();
    assert!(second.text.contains("obj_09") && !second.text.contains("obj_10"));
    assert!(second.text.contains("Connexion") && !second.text.contains("rel=\"next\""));
}

#[tokio::test]
async fn the_demo_lets_everyone_be_everyone_and_nothing_else_does() {
    let house = House::new(&[]).await.unwrap();
    let refused = super::pages::open_in_demo(&house.ctx, &house.claire.email).await;
    assert!(refused.is_err());
    let ctx = Context { demo: true, ..house.ctx.clone() };
    let cookie = super::pages::open_in_demo(&ctx, &house.claire.email).await.unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let page = pages::get(&routes(&ctx), As::Browser(cookie), "/bureau").await.unwrap();
    assert_eq!(page.text, "Claire None");
    assert!(super::pages::open_in_demo(&ctx, "qui@exemple.fr").await.is_err());
}

#[tokio::test]
async fn pages_speak_both_languages_and_hold_nothing_inline() {
    let house = House::new(&[]).await.unwrap();
    assert_eq!(house.ctx.catalogue.missing(), []);
    let routes = routes(&house.ctx);
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    for path in ["/connexion", "/connexion?lang=en", "/journal", "/journal?lang=en"] {
        let page = pages::get(&routes, As::Browser(&cookie), path).await.unwrap();
        assert_eq!(page.status, StatusCode::OK);
        for banned in ["style=\"", "<style", "onclick", "<script>", "[session-", "[audit-"] {
            assert!(!page.text.contains(banned), "{path}: {banned}");
        }
        assert_eq!(page.text.matches("<h1").count(), 1, "{path}");
    }
}

#[tokio::test]
async fn sweeping_leaves_open_sessions_alone() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let old = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    house.clock.go_on(11 * 3600);
    let new = pages::sign_in(&house, &routes, &house.malik).await.unwrap();
    house.clock.go_on(2 * 3600);
    let fresh = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    (super::jobs::sweeper(&house.ctx).run)().await.unwrap();
    let hash = |cookie: &str| crate::secrets::hash(cookie.split_once('=').unwrap().1);
    let kept = async |cookie: &str| {
        let hash = hash(cookie);
        let find = move |tx: &mut db::Tx<'_>| super::store::find(tx, hash);
        house.ctx.db.read(find).await.unwrap().is_some()
    };
    assert!(!kept(&old).await && kept(&new).await && kept(&fresh).await);
    let inside = pages::get(&routes, As::Browser(&fresh), "/bureau").await.unwrap();
    assert_eq!(inside.status, StatusCode::OK);
}

#[tokio::test]
async fn u_27_what_no_handler_answers_is_a_page_too() {
    use web::oops::{Dress, dress};
    let house = House::new(&[]).await.unwrap();
    let pages = dress(routes(&house.ctx), &house.ctx, Dress::Page);
    let ask = async |method: &str, kind: &str| {
        let request = pages::request(As::Anyone, method, "/connexion?lang=fr")
            .header("content-type", kind)
            .body(axum::body::Body::from("{}"))
            .unwrap();
        pages::send(&pages, request).await.unwrap()
    };
    let wrong_method = ask("DELETE", "text/plain").await;
    assert_eq!(wrong_method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(wrong_method.header("allow").contains("POST"), "{}", wrong_method.header("allow"));
    let wrong_kind = ask("POST", "application/json").await;
    assert_eq!(wrong_kind.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for answer in [wrong_method, wrong_kind] {
        assert!(answer.text.contains("n&#39;a déclenché aucun paiement"), "{}", answer.text);
    }
    let api = dress(routes(&house.ctx), &house.ctx, Dress::Problem);
    let request = pages::request(As::Anyone, "DELETE", "/connexion");
    let told = pages::send(&api, request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert_eq!(told.json()["code"], "method_not_allowed");
}

#[tokio::test]
async fn p_160_one_switch_leads_between_a_shop_and_its_test_twin() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    let who = As::Browser(&cookie);
    let turn = async |mode| pages::post(&routes, who, "/mode", &[("mode", mode)]).await.unwrap();
    let front = async || pages::get(&routes, who, "/parametres").await.unwrap().text;
    assert_eq!(turn("live").await.status, StatusCode::NOT_FOUND, "there is no live shop");
    assert!(!front().await.contains("/mode"));

    fixtures::live_twin(&house.ctx, &house.hotel).await.unwrap();
    let page = front().await;
    assert!(page.contains("MODE TEST") && page.contains("Passer au réel"), "{page}");
    assert_eq!(turn("live").await.location(), "/");
    let page = front().await;
    assert!(!page.contains("MODE TEST") && page.contains("Passer au test"), "{page}");
    assert_eq!(turn("demo").await.status, StatusCode::NOT_FOUND);
    assert_eq!(turn("test").await.location(), "/");
    assert!(front().await.contains("MODE TEST"));

    let stale = async |lang: &str| {
        let path = format!("/parametres?mode=live{lang}");
        pages::post(&routes, who, &path, &[("name", "Autre nom")]).await.unwrap()
    };
    assert!(front().await.contains("action=\"/parametres?mode=test\""));
    for (lang, title) in [("&lang=en", "Nothing was done"), ("&lang=fr", "Rien n&#39;a été fait")]
    {
        let refused = stale(lang).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.text.contains(title), "a form of the other tab: {}", refused.text);
    }
    assert!(!front().await.contains("Autre nom"));

    house.clock.go_on(60);
    let again = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    let page = pages::get(&routes, As::Browser(&again), "/parametres").await.unwrap();
    assert!(page.text.contains("MODE TEST"), "a live shop that is not open is not begun with");
}
