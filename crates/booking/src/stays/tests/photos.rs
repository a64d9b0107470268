//! Photos of a lodging, from the desk to the guest.

use axum::http::header;
use identity::fixtures::pages::{Answer, As, get, post, request, send, sign_in};
use image::{ImageFormat, Rgb, RgbImage};

use super::{Town, WEEK, plain};

fn jpeg(shade: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(800, 600, Rgb([shade, 90, 110]));
    picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

async fn upload(town: &Town, who: As<'_>, query: &str, sent: (&[u8], &str)) -> Answer {
    let part = |name: &str, rest: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n").into_bytes()
    };
    let edit = format!("/catalogue/{}", town.room.0);
    let form = get(&town.pages, who, &edit).await.unwrap().text;
    let mut body = part("form_token", "");
    body.extend(token(&form).as_bytes());
    body.extend(b"\r\n");
    body.extend(part("photo", "; filename=\"a.jpg\"\r\nContent-Type: image/jpeg"));
    body.extend(sent.0);
    body.extend(b"\r\n");
    body.extend(part("alt_fr", ""));
    body.extend(sent.1.as_bytes());
    body.extend(b"\r\n--b--\r\n");
    let path = format!("/catalogue/{}/photos{query}", town.room.0);
    let request = request(who, "POST", &path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(body.into())
        .unwrap();
    send(&town.pages, request).await.unwrap()
}

/// The one-time token of the forms of a page.
fn token(page: &str) -> String {
    let mark = "name=\"form_token\" value=\"";
    page.split(mark).nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// What stands between the quotes of an attribute, each time it does.
fn all(page: &str, attribute: &str) -> Vec<String> {
    let begin = format!(" {attribute}=\"");
    let parts = page.split(begin.as_str()).skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn l_48_photos_sent_by_staff_are_seen_by_guests_in_their_order() {
    let town = Town::new(16_800).await;
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let edit = format!("/catalogue/{}", town.room.0);
    let sent = upload(&town, claire, "", (&jpeg(10), "La chambre")).await;
    assert_eq!(sent.location(), format!("{edit}?fait=photo#photos"), "{}", sent.text);
    upload(&town, claire, "", (&jpeg(200), "La terrasse")).await;
    // The same file again, by a second click: one photo.
    upload(&town, claire, "", (&jpeg(200), "La terrasse")).await;
    let seen = async || {
        let page = town.see(&format!("/s/hotel-des-tuffeaux?{WEEK}&lang=fr")).await.text;
        all(&page, "alt")
    };
    assert_eq!(seen().await, ["La chambre", "La terrasse"]);
    let before_search = town.see("/s/hotel-des-tuffeaux?lang=en").await.text;
    assert_eq!(all(&before_search, "alt"), ["La chambre", "La terrasse"]);

    let sources = all(&before_search, "src");
    let source = sources.iter().find(|src| src.contains("/photo/")).unwrap();
    let photo = town.see(source).await;
    assert_eq!(photo.header("content-type"), "image/jpeg");
    assert_eq!(photo.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(town.see(&source.replace("-s.jpg", "-l.jpg")).await.status, 200);
    let elsewhere = source.replace("hotel-des-tuffeaux", "musee-de-la-batellerie");
    assert_eq!(town.see(&elsewhere).await.status, 404);

    let page = get(&town.pages, claire, &edit).await.unwrap().text;
    let action = all(&page, "action").into_iter().filter(|href| href.contains("/photos/pho_"));
    let action: Vec<String> = action.collect();
    let id = action[1].rsplit('/').next().unwrap();
    let id = id.split('?').next().unwrap().to_owned();
    let (fr, en) = (format!("alt_fr-{id}"), format!("alt_en-{id}"));
    let once = token(&page);
    let moved =
        [(fr.as_str(), "La terrasse"), (&en, "The terrace"), ("to", "0"), ("form_token", &once)];
    for _ in 0..2 {
        let done = post(&town.pages, claire, &action[1], &moved).await.unwrap();
        assert_eq!(done.status, 303, "{}", done.text);
    }
    assert_eq!(seen().await, ["La terrasse", "La chambre"]);
    let english = town.see("/s/hotel-des-tuffeaux?lang=en").await.text;
    assert_eq!(all(&english, "alt"), ["The terrace", "La chambre"]);

    let unsigned = post(&town.pages, claire, &action[0], &[("remove", "1")]).await.unwrap();
    assert_eq!(unsigned.status, 422, "{}", unsigned.text);
    let once = token(&get(&town.pages, claire, &edit).await.unwrap().text);
    let remove = [("remove", "1"), ("form_token", &once)];
    post(&town.pages, claire, &action[0], &remove).await.unwrap();
    assert_eq!(seen().await, ["La terrasse"]);
    assert_eq!(town.see(source).await.status, 404);
    let journal = get(&town.pages, claire, "/journal").await.unwrap().text;
    assert!(journal.contains("Photo d&#39;hébergement retirée"), "{journal}");
}

#[tokio::test]
async fn l_48_a_wrong_photo_is_named_with_its_cure_and_what_was_typed_stays() {
    let town = Town::new(16_800).await;
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let claire = As::Browser(&cookie);
    let pdf = upload(&town, claire, "", (b"%PDF-1.7", "Le plan")).await;
    assert_eq!(pdf.status, 422);
    assert!(pdf.text.contains("id=\"photo-error\">Choisissez une photo JPEG, PNG ou WebP"));
    assert!(pdf.text.contains("href=\"#photo\"") && pdf.text.contains("value=\"Le plan\""));
    assert!(pdf.text.contains("value=\"Suite\""), "the form of the lodging is whole");
    let silent = upload(&town, claire, "", (&jpeg(10), " ")).await;
    let text = plain(&silent.text);
    assert!(text.contains("Dites en français ce que montre la photo"), "{text}");
    let heavy = upload(&town, claire, "?lang=en", (&vec![0; 20_000_001], "Room")).await;
    assert!(heavy.text.contains("Choose a photo of at most 20 MB"), "{}", heavy.text);
    let none = upload(&town, claire, "?lang=en", (b"", "Room")).await;
    assert!(none.text.contains("Choose the photo file"), "{}", none.text);
    let small = [&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], &[0; 40]].concat();
    let broken = upload(&town, claire, "?lang=fr", (&small, "Chambre")).await;
    assert!(broken.text.contains("Cette photo est abîmée"), "{}", broken.text);
    assert!(!town.see("/s/hotel-des-tuffeaux").await.text.contains("<img"));
}
