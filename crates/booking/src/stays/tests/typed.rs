//! What a visitor typed is never lost.

use kernel::Locale;

use super::{Town, WEEK};

/// The value attribute of an input.
fn value<'a>(page: &'a str, field: &str) -> &'a str {
    let start = page.find(&format!("id=\"{field}\"")).unwrap();
    let input = page[start..].split('>').next().unwrap();
    input.split("value=\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap())
}

#[tokio::test]
async fn u_60_the_language_menu_of_the_contact_page_keeps_what_was_typed() {
    let town = Town::new(16_800).await;
    let basket = town.basket().await;
    let french = town.see(&format!("{basket}?lang=fr")).await;
    let there = format!("{basket}/contact?lang=en");
    assert!(french.text.contains(&format!("formaction=\"{there}\"")), "{}", french.text);
    let typed = [
        ("first_name", "Anne"),
        ("last_name", "d'Exemple"),
        ("email", "anne@"),
        ("phone", "4111 1111 1111 1111"),
        ("langue", "en"),
    ];
    let english = town.submit(&there, &typed).await;
    assert_eq!(english.status, 200, "{}", english.text);
    assert!(english.text.contains("<html lang=\"en\""), "{}", english.text);
    assert!(english.text.contains("Your details"));
    assert!(!english.text.contains("role=\"alert\""), "nothing was asked to be checked");
    assert_eq!(value(&english.text, "first_name"), "Anne");
    assert_eq!(value(&english.text, "email"), "anne@");
    assert_eq!(value(&english.text, "phone"), "", "a card number is never shown again");
    let again = town.see(&format!("{basket}?lang=fr")).await;
    assert_eq!(value(&again.text, "first_name"), "", "nothing was saved");
}

#[tokio::test]
async fn u_60_the_language_menu_of_the_search_keeps_what_was_typed() {
    let town = Town::new(16_800).await;
    let site = "/s/hotel-des-tuffeaux";
    let empty = town.see(&format!("{site}?langue=en&lang=fr&search=1&arrival=&departure=")).await;
    assert!(empty.text.contains("<html lang=\"en\"") && !empty.text.contains("role=\"alert\""));
    let half = "langue=en&lang=fr&search=1&arrival=2026-12-05&departure=&g_adult=4";
    let half = town.see(&format!("{site}?{half}")).await;
    assert!(!half.text.contains("role=\"alert\""), "{}", half.text);
    assert_eq!(value(&half.text, "arrival"), "2026-12-05");
    assert_eq!(value(&half.text, "g_adult"), "4");
    let found = town.see(&format!("{site}?langue=en&lang=fr&search=1&{WEEK}")).await;
    assert!(found.text.contains("Choose"), "{}", found.text);
}

#[tokio::test]
async fn u_60_the_pages_of_a_guest_speak_eight_languages_and_those_of_staff_two() {
    let town = Town::new(16_800).await;
    let basket = town.basket().await;
    let said = [
        (Locale::Fr, "Choisir", "Vos coordonnées", "336,00\u{a0}€"),
        (Locale::En, "Choose", "Your details", "€336.00"),
        (Locale::De, "Wählen", "Ihre Angaben", "336,00\u{a0}€"),
        (Locale::Es, "Elegir", "Sus datos", "336,00\u{a0}€"),
        (Locale::It, "Scegli", "I Suoi dati", "336,00\u{a0}€"),
        (Locale::Nl, "Kiezen", "Uw gegevens", "€\u{a0}336,00"),
        (Locale::Pt, "Escolher", "Os seus dados", "336,00\u{a0}€"),
        (Locale::Pl, "Wybierz", "Państwa dane", "336,00\u{a0}€"),
    ];
    for (locale, choose, details, price) in said {
        let lang = locale.code();
        let found = town.see(&format!("/s/hotel-des-tuffeaux?{WEEK}&lang={lang}")).await.text;
        let contact = town.see(&format!("{basket}?lang={lang}")).await.text;
        assert!(found.contains(choose) && found.contains(price), "{lang}: {found}");
        assert!(contact.contains(details), "{lang}: {contact}");
        for page in [&found, &contact] {
            assert!(page.contains(&format!("<html lang=\"{lang}\"")));
            assert!(Locale::ALL.iter().all(|other| page.contains(other.own_name())), "{page}");
        }
    }
    let sign_in = town.see("/connexion?lang=de").await.text;
    assert!(sign_in.contains("<html lang=\"fr\"") && !sign_in.contains("Deutsch"), "{sign_in}");
}

#[tokio::test]
async fn u_83_the_stay_and_its_clock_come_before_the_form() {
    let town = Town::new(16_800).await;
    let basket = town.basket().await;
    let place = |text: &str, what: &str| text.find(what).unwrap_or_else(|| panic!("no {what}"));
    let contact = town.see(&basket).await.text;
    assert!(place(&contact, "details class=\"summary\"") < place(&contact, "id=\"contact\""));
    town.contact(&basket, "Exemple").await;
    let held = town.see(&basket).await.text;
    let (clock, summary) = (place(&held, "class=\"hold\""), place(&held, "class=\"summary\""));
    assert!(clock < summary && summary < place(&held, "class=\"bar\""));
}
