use axum::body::Body;
use axum::http::{StatusCode, header};
use db::Tx;

use crate::audit;
use crate::fixtures::House;
use crate::fixtures::pages::{self, As};

fn routes(house: &House) -> axum::Router {
    crate::pages::routes().with_state(house.ctx.clone())
}

#[tokio::test]
async fn u_80_the_owner_sets_accent_and_logo_on_the_settings_page() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house);
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    let browser = As::Browser(&cookie);
    let fields = [
        ("name", "Hôtel des Tuffeaux"),
        ("phone", "02 41 50 12 34"),
        ("address", "1 quai de la Loire\r\n49400 Val-sur-Loire"),
        ("accent", "#FFD400"),
    ];
    let saved = pages::post(&routes, browser, "/parametres", &fields).await.unwrap();
    assert_eq!(saved.location(), "/parametres?fait=fiche", "{}", saved.text);
    let page = pages::get(&routes, browser, "/parametres?fait=fiche").await.unwrap().text;
    assert!(
        page.contains("fill=\"#856e00\"") && page.contains("La clarté a été ajustée"),
        "{page}"
    );

    let mut wrong = fields;
    wrong[3].1 = "jaune";
    let refused = pages::post(&routes, browser, "/parametres", &wrong).await.unwrap();
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("<title>Erreur") && refused.text.contains("value=\"jaune\""));

    let upload = async |file: &[u8]| {
        let mut body =
            b"--b\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"a.png\"\r\n\
            Content-Type: image/png\r\n\r\n"
                .to_vec();
        body.extend(file);
        body.extend(b"\r\n--b--\r\n");
        let request = pages::request(browser, "POST", "/parametres/logo")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .unwrap();
        pages::send(&routes, request).await.unwrap()
    };
    let svg = upload(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>").await;
    assert!(svg.text.contains("Choisissez une image PNG ou JPEG"), "{}", svg.text);
    let large = upload(&vec![0; 510_000]).await;
    assert!(large.text.contains("500 ko au plus"), "{}", large.text);
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(20, 10).write_to(&mut file, image::ImageFormat::Png).unwrap();
    house.clock.go_on(1);
    assert_eq!(upload(file.get_ref()).await.location(), "/parametres?fait=logo");
    let page = pages::get(&routes, browser, "/parametres").await.unwrap().text;
    assert!(page.contains("alt=\"Hôtel des Tuffeaux\"") && page.contains(".png\""), "{page}");
    house.clock.go_on(1);
    pages::post(&routes, browser, "/parametres/logo/retirer", &[]).await.unwrap();
    let page = pages::get(&routes, browser, "/parametres").await.unwrap().text;
    assert!(!page.contains("<img"), "{page}");

    let (scope, merchant) = (house.hotel.scope.clone(), house.hotel.scope.merchant().to_string());
    let lines = move |tx: &mut Tx<'_>| audit::lines_of(tx, &scope, &merchant);
    let lines = house.ctx.db.read(lines).await.unwrap();
    let actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["property.logo_removed", "property.logo_set", "property.changed"]);
}

#[tokio::test]
async fn u_09_settings_are_the_owners() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house);
    let cookie = pages::sign_in(&house, &routes, &house.malik).await.unwrap();
    let refused = pages::get(&routes, As::Browser(&cookie), "/parametres").await.unwrap();
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("Claire"), "{}", refused.text);
}
