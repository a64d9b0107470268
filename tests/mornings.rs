//! What the house does by itself for a property that keeps cards, each morning of its clock.

use serde_json::Value;

use crate::browser::Page;
use crate::cards::Staff;
use crate::demo::{Demo, PATIENCE};
use crate::lots::wait;

const SETTINGS: &str = "/parametres/cartes";

/// Sends the settings of cards with some fields set: status and page.
fn save(staff: &Staff<'_>, set: &[(&str, &str)]) -> (u16, Page) {
    let mut form = staff.open(SETTINGS).form_with("retention");
    for (name, value) in set {
        form.fields.retain(|(known, _)| known != name);
        form.fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let mut reply = staff.post(&form);
    let html = reply.body_mut().read_to_string().unwrap();
    (reply.status().as_u16(), Page { url: form.action, html })
}

/// Mails of a subject.
fn mails(demo: &Demo, subject: &str) -> Vec<Value> {
    let is = |mail: &Value| mail["subject"].as_str().is_some_and(|said| said.contains(subject));
    demo.inbox().into_iter().filter(is).collect()
}

#[test]
fn v_12_who_shows_codes_names_a_person_and_is_reminded_before_it_ends() {
    let demo = Demo::start_with(&["--at", "2026-06-15T09:00:00+02:00"]);
    let staff = Staff::owner(&demo);
    let once = [
        ("once", "1"),
        ("acquirer", "1"),
        ("reason", "Notre banque l'autorise, contrat de mai"),
        ("until", "2026-07-20"),
    ];
    let stranger = kernel::UserId::random(&kernel::rng::OsRng).to_string();
    let named = [&once[..], &[("approver", stranger.as_str())]].concat();
    let (status, page) = save(&staff, &named);
    assert_eq!(
        (status, page.says("Choisissez une personne qui gère")),
        (422, true),
        "{}",
        page.html
    );
    let (status, page) = save(&staff, &once);
    assert_eq!((status, page.says("Réglages enregistrés")), (200, true), "{}", page.html);

    let subject = "Codes de sécurité";
    demo.move_clock("2026-06-20T08:30:00+02:00");
    assert_eq!(mails(&demo, subject), [] as [Value; 0], "it is not nine yet");
    demo.move_clock("2026-06-20T09:30:00+02:00");
    wait(PATIENCE, "the first reminder", || !mails(&demo, subject).is_empty());
    let first = mails(&demo, subject);
    let text = first[0]["text"].as_str().unwrap();
    assert!(text.contains("20 juillet 2026"), "{text}");
    assert!(staff.open("/taches").says("L'affichage des codes de sécurité prend bientôt fin"));
    demo.move_clock("2026-06-25T12:00:00+02:00");
    assert_eq!(mails(&demo, subject).len(), first.len(), "each day once");
    demo.move_clock("2026-07-13T12:00:00+02:00");
    wait(PATIENCE, "the second", || mails(&demo, subject).len() == 2 * first.len());
    demo.assert_sound();
}
