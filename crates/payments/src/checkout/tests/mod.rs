//! Every page in every language, and what a payer meets on the routes.

pub(crate) mod house;

use askama::Template;
use identity::fixtures::pages::{As, get, post, request, send};
use kernel::Locale;

use self::house::Shop;
use super::case::{self, Case};
use super::receipt::ReceiptPage;
use super::view::{ChallengePage, Looks, OutcomePage, WaitingPage};
use crate::payment::{CapturePlan, OpState, Session};

const LOCALES: [Locale; 2] = [Locale::Fr, Locale::En];

fn sound(page: &str) {
    assert_eq!(page.matches("<h1").count(), 1, "{page}");
    assert!(!page.contains("[checkout") && !page.contains("[desk"), "{page}");
    assert!(!page.contains(" style=") && !page.contains("<style"), "{page}");
    assert!(!page.contains("onclick"), "{page}");
}

#[tokio::test]
async fn p_74_every_state_has_its_own_words_and_a_way_out() {
    let shop = Shop::open().await;
    let payment = shop.tried("R-1", 10_080, OpState::Failed).await;
    for locale in LOCALES {
        let visit = shop.visit(payment.clone(), locale).await;
        let mut seen = Vec::new();
        for case in case::ALL {
            let page = OutcomePage::of(&visit, *case);
            let way_out = page.pay.is_some() || !page.ways.is_empty();
            let said = (page.page.title.clone(), page.text.clone());
            let text = page.render().unwrap();
            sound(&text);
            assert!(way_out, "{case:?}");
            let same_letter = matches!(case, Case::NoMoreTries(_));
            assert!(same_letter || !seen.contains(&said), "{case:?}: {said:?}");
            seen.push(said);
        }
    }
}

#[tokio::test]
async fn p_94_nothing_was_debited_is_said_only_where_it_is_certain() {
    let shop = Shop::open().await;
    let payment = shop.tried("R-2", 10_080, OpState::Failed).await;
    let visit = shop.visit(payment, Locale::Fr).await;
    let silent = [
        Case::Refused(case::Letter::C),
        Case::AlreadyPaid,
        Case::Refunded,
        Case::PlaceGone,
        Case::Cancelled,
        Case::LinkExpired,
        Case::Paused,
    ];
    for case in case::ALL {
        let page = OutcomePage::of(&visit, *case).render().unwrap();
        let said = page.contains("Rien n&#39;a été débité");
        assert_eq!(said, !silent.contains(case), "{case:?}");
    }
    let waiting = WaitingPage::of(&visit, Looks::Again).render().unwrap();
    assert!(!waiting.contains("débité"));
}

#[tokio::test]
async fn all_other_pages_render_in_both_languages() {
    let shop = Shop::open().await;
    let payment = shop.tried("R-3", 10_080, OpState::Success).await;
    for locale in LOCALES {
        let visit = shop.visit(payment.clone(), locale).await;
        for looks in [Looks::Again, Looks::Over] {
            sound(&WaitingPage::of(&visit, looks).render().unwrap());
        }
        let bank = "http://127.0.0.3:7702/challenge?id=a%26b&x=1";
        let page = ChallengePage::of(&visit, bank).render().unwrap();
        sound(&page);
        assert!(page.contains("action=\"http://127.0.0.3:7702/challenge\""), "{page}");
        assert!(page.contains("name=\"id\" value=\"a&#38;b\""), "{page}");
        let receipt = ReceiptPage::of(&visit).render().unwrap();
        sound(&receipt);
        assert!(receipt.contains("DOS-2026-000123") && receipt.contains("•••• 0154"), "{receipt}");
        assert!(receipt.contains("/r/") && receipt.contains(".ics"), "{receipt}");
    }
}

#[tokio::test]
async fn p_66_a_payment_leads_to_the_page_of_its_state_and_reload_is_harmless() {
    let shop = Shop::open().await;
    let pages = shop.payer_pages();
    let paid = shop.tried("R-4", 10_080, OpState::Success).await;
    let unknown = shop.tried("R-5", 10_080, OpState::Unknown).await;
    let refused = shop.tried("R-6", 10_080, OpState::Failed).await;
    let at = |path: String| {
        let pages = pages.clone();
        async move { get(&pages, As::Anyone, &path).await.unwrap() }
    };
    for _ in 0..2 {
        let answer = at(format!("/p/{}", paid.page_token)).await;
        assert!(answer.status == 200 && answer.text.contains("déjà effectué"), "{}", answer.text);
        let answer = at(format!("/p/{}/retour?capture=cap_x", paid.page_token)).await;
        assert_eq!(answer.location(), format!("/p/{}", paid.page_token));
        let answer = at(format!("/p/{}/3ds?lang=en", paid.page_token)).await;
        assert_eq!(answer.location(), format!("/r/{}?lang=en", paid.page_token));
        let answer = at(format!("/p/{}", unknown.page_token)).await;
        assert_eq!(answer.location(), format!("/p/{}/attente", unknown.page_token));
        let answer = at(format!("/p/{}/attente", unknown.page_token)).await;
        assert!(answer.text.contains("Ne payez pas une seconde fois."), "{}", answer.text);
        let next = format!("2; url=/p/{}/attente?tour=1", unknown.page_token);
        assert_eq!(answer.header("refresh"), next);
        let last = at(format!("/p/{}/attente?tour=30", unknown.page_token)).await;
        assert!(last.header("refresh").is_empty() && last.text.contains("anne@exemple.fr"));
        let answer = at(format!("/p/{}", refused.page_token)).await;
        assert!(answer.text.contains("Votre banque a refusé le paiement."), "{}", answer.text);
        let receipt = at(format!("/r/{}", refused.page_token)).await;
        assert_eq!(receipt.location(), format!("/p/{}", refused.page_token));
    }
    assert_eq!(at("/p/nothing".into()).await.status, 404);
}

#[tokio::test]
async fn a_card_page_that_cannot_open_says_so_and_that_nothing_was_debited() {
    let shop = Shop::open().await;
    let payment = shop.created("R-7", 10_080).await;
    let path = format!("/p/{}?lang=en", payment.page_token);
    let answer = get(&shop.payer_pages(), As::Anyone, &path).await.unwrap();
    assert_eq!(answer.status, 503);
    assert!(answer.text.contains("Nothing was charged."), "{}", answer.text);
    assert!(answer.text.contains(&format!("/p/{}/carte?lang=en", payment.page_token)));
}

#[tokio::test]
async fn u_60_a_payer_reads_where_he_stands_in_each_of_eight_languages() {
    let shop = Shop::open().await;
    let payment = shop.created("R-71", 10_080).await;
    for (lang, said) in [
        ("fr", "Rien n&#39;a été débité."),
        ("en", "Nothing was charged."),
        ("de", "Es wurde nichts abgebucht."),
        ("es", "No se ha cobrado nada."),
        ("it", "Non è stato addebitato nulla."),
        ("nl", "Er is niets afgeschreven."),
        ("pt", "Nada foi debitado."),
        ("pl", "Nic nie zostało pobrane."),
    ] {
        let path = format!("/p/{}?lang={lang}", payment.page_token);
        let answer = get(&shop.payer_pages(), As::Anyone, &path).await.unwrap();
        assert!(answer.text.contains(said), "{lang}: {}", answer.text);
        assert!(answer.text.contains(&format!("<html lang=\"{lang}\"")));
        assert!(answer.text.contains("Nederlands"), "the menu of languages");
    }
}

#[tokio::test]
async fn u_72_pages_name_their_hosts_and_are_not_kept_or_indexed() {
    let shop = Shop::open().await;
    let paid = shop.tried("R-8", 10_080, OpState::Success).await;
    let path = format!("/r/{}", paid.page_token);
    let answer = get(&shop.payer_pages(), As::Anyone, &path).await.unwrap();
    let csp = answer.header("content-security-policy");
    assert!(csp.contains("form-action 'self' http://127.0.0.2:7701;"), "{csp}");
    assert!(csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe"), "{csp}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-robots-tag"), "noindex");
    assert!(answer.header("set-cookie").is_empty());
}

#[tokio::test]
async fn u_53_the_receipt_speaks_of_what_was_given_back_and_ends_after_fifteen_months() {
    let shop = Shop::open().await;
    let paid = shop.tried("R-9", 10_080, OpState::Success).await;
    let mut visit = shop.visit(paid.clone(), Locale::Fr).await;
    visit.payment.counters.refunded = 2_000;
    let text = ReceiptPage::of(&visit).render().unwrap();
    assert!(text.contains("−20,00\u{a0}€") && text.contains("80,80\u{a0}€"), "{text}");
    visit.payment.counters.refunded = 10_080;
    let text = ReceiptPage::of(&visit).render().unwrap();
    assert!(text.contains("Paiement remboursé"), "{text}");
    let month = 31 * 86_400;
    let made = paid.created_at;
    assert!(super::receipt::is_readable(made, made.plus_seconds(14 * month)));
    assert!(!super::receipt::is_readable(made, made.plus_seconds(15 * month)));
}

#[tokio::test]
async fn p_75_the_shop_is_told_the_payment_and_its_order_only() {
    let shop = Shop::open().await;
    let payment = shop.created("R 10/1", 10_080).await;
    let id = payment.id;
    let visit = shop.visit(payment, Locale::Fr).await;
    let told = format!("http://127.0.0.1:9000/merci?a=1&payment={id}&order_ref=R%2010%2F1");
    assert_eq!(visit.return_url(), Some(told));
}

#[tokio::test]
async fn giving_up_twice_or_with_nothing_to_give_up_is_harmless() {
    let shop = Shop::open().await;
    let paid = shop.tried("R-11", 10_080, OpState::Success).await;
    let path = format!("/p/{}/abandon", paid.page_token);
    for _ in 0..2 {
        let answer = post(&shop.payer_pages(), As::Anyone, &path, &[]).await.unwrap();
        assert_eq!(answer.status, 303);
    }
    let after = shop.change(&paid, |_| {}).await;
    assert_eq!((after.status, after.session), (paid.status, Session::Open));
    assert_eq!(after.capture, CapturePlan::NOW);
}

#[tokio::test]
async fn u_35_u_83_the_order_stands_first_with_its_amount_and_clock_and_paying_stays_in_sight() {
    let shop = Shop::open().await;
    let payment = shop.tried("R-12", 10_080, OpState::Failed).await;
    let visit = shop.visit(payment, Locale::Fr).await;
    let bank = "http://127.0.0.3:7702/challenge?id=a";
    let challenge = ChallengePage::of(&visit, bank).render().unwrap();
    let refused = OutcomePage::of(&visit, Case::Refused(case::Letter::A)).render().unwrap();
    for page in [challenge, refused] {
        let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
        let folded = &page[at("<details class=\"summary\">")..at("</summary>")];
        assert!(folded.contains("100,80\u{a0}€") && folded.contains("class=\"hold\""), "{folded}");
        assert!(at("</details>") < at("<h1>"), "{page}");
        let bar = &page[at("<div class=\"bar\">")..];
        let bar = &bar[..bar.find("</div>").unwrap()];
        assert!(bar.contains("100,80\u{a0}€") && bar.contains("primary"), "{bar}");
    }
}

#[tokio::test]
async fn p_79_a_bank_sends_the_payer_back_by_a_post_from_its_own_site() {
    let shop = Shop::open().await;
    let unknown = shop.tried("R-13", 10_080, OpState::Unknown).await;
    let pages = shop.payer_pages();
    let from_bank = |path: &str| {
        request(As::Anyone, "POST", path)
            .header("origin", "null")
            .header("sec-fetch-site", "cross-site")
            .header("content-type", "application/x-www-form-urlencoded")
            .body("cres=eyJ0cmFuc1N0YXR1cyI6IlkifQ&state=paid".into())
            .unwrap()
    };
    let back = format!("/p/{}/3ds/retour", unknown.page_token);
    let answer = send(&pages, from_bank(&back)).await.unwrap();
    let waiting = format!("/p/{}/attente", unknown.page_token);
    assert_eq!((answer.status.as_u16(), answer.location()), (303, waiting.as_str()));
    let elsewhere = format!("/p/{}/abandon", unknown.page_token);
    assert_eq!(send(&pages, from_bank(&elsewhere)).await.unwrap().status, 403);
    let nobody = send(&pages, from_bank("/p/nothing/3ds/retour")).await.unwrap();
    assert_eq!(nobody.status, 404);
}
