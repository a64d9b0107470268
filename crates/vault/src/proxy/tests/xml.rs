use proptest::prelude::*;
use serde_json::json;
use vault_wire::ProxyProfile;

use super::{after, run};

/// Reservations as the OpenTravel Alliance writes them.
fn profile() -> ProxyProfile {
    super::profile(
        "xml",
        &json!({
            "number": "//PaymentCard/@CardNumber", "exp": "//PaymentCard/@ExpireDate",
            "code": "//PaymentCard/@SeriesCode", "holder": "//PaymentCard/CardHolderName",
            "booking": "//HotelReservation/UniqueID/@ID",
        }),
        &json!({}),
    )
}

const OTA: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ota:OTA_HotelResNotifRQ xmlns:ota="http://www.opentravel.org/OTA/2003/05"  Version='1.0'>
  <!-- two -->
  <ota:HotelReservations>
    <ota:HotelReservation><ota:UniqueID Type="14" ID="B&#49;"/><ota:UniqueID Type="16" ID="X"/>
      <ota:Guarantee><ota:PaymentCard CardCode="MC"
         CardNumber="5207000000000000"  ExpireDate='0630' SeriesCode="123">
        <ota:CardHolderName>A &amp; B</ota:CardHolderName></ota:PaymentCard></ota:Guarantee>
    </ota:HotelReservation>
    <ota:HotelReservation><ota:UniqueID ID="B2"/><ota:PaymentCard CardNumber="0000000000000000"/></ota:HotelReservation>
  </ota:HotelReservations><![CDATA[ ]]>
</ota:OTA_HotelResNotifRQ>
"#;

#[test]
fn v_103_v_106_a_reservation_of_the_ota_keeps_its_namespaces_blanks_and_quotes() {
    let wanted = OTA
        .replace("5207000000000000", "TOKEN")
        .replace(" SeriesCode=\"123\"", "")
        .replace("0000000000000000", "");
    assert_eq!(after(&profile(), OTA), wanted);
    let cards = run(&profile(), OTA).unwrap().cards;
    assert_eq!((cards[0].booking.as_deref(), cards[0].result), (Some("B1"), "stored"));
    assert_eq!(cards[0].expiry.as_deref(), Some("06/2030"));
    assert_eq!((cards[1].booking.as_deref(), cards[1].result), (Some("B2"), "retrieval_failed"));
}

#[test]
fn v_103_elements_are_mapped_as_attributes_are() {
    let profile = super::profile(
        "xml",
        &json!({ "number": "/a/cc/n", "code": "/a/cc/c", "exp": "/a/cc/e", "booking": "/a/@id" }),
        &json!({}),
    );
    let before = "\u{feff}<a id='7'><cc><c>123</c> <n t='x'>4111 <!-- -->1111 &#x31;111 1111</n><e/></cc></a>";
    let wanted = "\u{feff}<a id='7'><cc> <n t='x'>TOKEN</n><e/></cc></a>";
    assert_eq!(after(&profile, before), wanted);
    let cdata = "<a><cc><n><![CDATA[4111111111111111]]></n></cc><cc><n/></cc></a>";
    assert_eq!(after(&profile, cdata), "<a><cc><n>TOKEN</n></cc><cc><n/></cc></a>");
    assert_eq!(run(&profile, cdata).unwrap().cards[1].result, "not_sent");
    let hidden = "<a><cc><c><v>123</v></c></cc></a>";
    assert_eq!(run(&profile, hidden), Err("document_invalid /a/cc/c/v".into()));
}

#[test]
fn v_103_no_document_type_and_no_entity_but_the_five() {
    for bad in [
        "<!DOCTYPE a [<!ENTITY x \"1\">]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<a>&x;</a>",
        "<a b='&x;'/>",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>x",
        "",
        "<a b='1' b='2'/>",
        "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
    ] {
        let refused = run(&profile(), bad).unwrap_err();
        assert!(refused.starts_with("document_invalid"), "{bad}: {refused}");
    }
    let fine = "<a>&lt;&gt;&amp;&quot;&apos;&#233;</a>";
    assert_eq!(after(&profile(), fine), fine);
}

#[test]
fn v_106_a_number_hides_in_no_corner_of_xml() {
    for (message, path) in [
        ("<a><b>4111111111111111</b></a>", "/a/b"),
        ("<a>x 4111 1111<!-- -->1111 1111<b/></a>", "/a"),
        ("<a><b/>4111111111111111</a>", "/a"),
        ("<a b='4111&#49;11111111111'/>", "/a/@b"),
        ("<a><!-- 4111111111111111 --></a>", "/a"),
        ("<a><?x 4111111111111111?></a>", "/a"),
        ("<a><![CDATA[4111111111111111]]></a>", "/a"),
        ("<a><n4111111111111111/></a>", "/a"),
    ] {
        assert_eq!(run(&profile(), message), Err(format!("unmapped_number {path}")), "{message}");
    }
    let mut mask = profile();
    mask.on_unmapped = vault_wire::OnUnmapped::Mask;
    let long = "n".repeat(201);
    for message in [format!("<{long}/>"), format!("<a {long}='1'/>")] {
        assert!(run(&mask, &message).unwrap_err().starts_with("document_invalid"));
    }
    let told = run(&mask, "<a b='x'>&lt;4111111111111111<c/></a>").unwrap();
    assert_eq!(told.document, "<a b='x'>&lt;******1111<c/></a>");
}

fn any_xml() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z é\\n]{0,6}",
        Just("<x/>".to_owned()),
        Just("<!-- a - b -->".to_owned()),
        Just("<![CDATA[<&>]]>".to_owned()),
        Just("&amp;".to_owned()),
        Just("<?p i?>".to_owned()),
    ];
    let inner = leaf.prop_recursive(4, 40, 5, |inner| {
        let name = "(PaymentCard|UniqueID|n:[a-c])";
        (name, "( +[a-c]=('[a-z&;]{0}'|\"é\"))?", prop::collection::vec(inner, 0..4)).prop_map(
            |(name, attribute, inner)| format!("<{name}{attribute} >{}</{name}>", inner.concat()),
        )
    });
    inner.prop_map(|inner| format!("<r>{inner}</r>\n"))
}

proptest! {
    #[test]
    fn v_104_xml_without_cards_leaves_as_it_came(text in any_xml()) {
        let told = run(&profile(), &text);
        prop_assert_eq!(told.map(|told| told.document), Ok(text));
    }

    #[test]
    fn v_104_only_mapped_attributes_differ(one in any_xml(), two in any_xml()) {
        let (one, two) = (one.trim_end(), two.trim_end());
        let card = |number: &str, code: &str| {
            format!("<R>{one}<PaymentCard a='1' CardNumber='{number}'{code}>{two}</PaymentCard></R>")
        };
        let before = card("4111111111111111", "\n SeriesCode = \"123\"");
        prop_assert_eq!(after(&profile(), &before), card("TOKEN", ""));
    }

    #[test]
    fn q_42_no_xml_makes_it_panic(text in "[<>/!\\-\\[\\]?&;#a-c='\" é]{0,60}") {
        let _ = run(&profile(), &text);
    }
}
