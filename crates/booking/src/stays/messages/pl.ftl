# Wyszukiwanie
stay-title = Rezerwacja pobytu
stay-lede = Proszę wybrać daty: ceny i dostępność pojawią się od razu.
stay-places = Nasze noclegi
stay-closed = Tutaj nie można jeszcze niczego zarezerwować online. Prosimy o kontakt: nasze dane są na dole tej strony.
stay-all = Wszystkie nasze noclegi
stay-search-label = Szukaj pobytu
stay-search = Szukaj
stay-arrival = Przyjazd
stay-departure = Wyjazd
stay-choose = Wybierz
stay-busy = Proszę czekać…
stay-results = { $n ->
    [0] Od { $arrival } do { $departure }, { $guests }
    [one] { $n } wolny nocleg od { $arrival } do { $departure }, { $guests }
    [few] { $n } wolne noclegi od { $arrival } do { $departure }, { $guests }
    [many] { $n } wolnych noclegów od { $arrival } do { $departure }, { $guests }
   *[other] { $n } wolnego noclegu od { $arrival } do { $departure }, { $guests }
}
stay-nothing = W tych dniach nie ma nic wolnego dla tej liczby osób. Proszę wybrać inne daty.
stay-nights = { $n ->
    [one] { $n } noc
    [few] { $n } noce
    [many] { $n } nocy
   *[other] { $n } nocy
}
stay-capacity = { $n ->
    [one] { $n } osoba
    [few] Do { $n } osób
    [many] Do { $n } osób
   *[other] Do { $n } osoby
}
stay-hours = Przyjazd od godz. { $in }, wyjazd do godz. { $out }
stay-units-left = { $n ->
    [one] Ostatni
    [few] Zostały tylko { $n }
    [many] Zostało tylko { $n }
   *[other] Zostało tylko { $n }
}
stay-registration = Numer rejestracyjny { $number }
stay-price-note = { $n ->
    [one] za { $n } noc
    [few] za { $n } noce
    [many] za { $n } nocy
   *[other] za { $n } nocy
}
stay-deposit-note = Zaliczka przy rezerwacji: { $amount }
# Skąd ta cena?
stay-why = Skąd ta cena?
stay-why-exact = { $n ->
    [one] Cena wybranej nocy.
    [few] Od tego dnia jest cena dokładnie za { $n } noce.
    [many] Od tego dnia jest cena dokładnie za { $n } nocy.
   *[other] Od tego dnia jest cena dokładnie za { $n } nocy.
}
stay-why-nights = Suma cen za pojedyncze noce ({ $n }), każda z własną datą.
stay-why-nights-note = Gdy każda noc ma swoją cenę, obowiązuje ich suma: cen za kilka nocy nie łączymy.
stay-why-nights-cheaper = Gdy każda noc ma swoją cenę, obowiązuje ich suma: wariantu { $parts } noce = { $amount } nie sprawdzono, bo cen za kilka nocy nie łączymy.
stay-why-cover = Liczba nocy: { $n }. Łączymy dostępne ceny tak, by suma była najniższa.
stay-why-cheapest = Liczba nocy: { $n }. Ceny łączymy w najtańszy sposób.
stay-adjustment-long-stay = Długi pobyt
stay-adjustment-non-refundable = Bez możliwości zwrotu
stay-adjustment-promotion = Promocja
stay-total = Razem
# Niedostępne
stay-reason-not-open = Noc { $date } nie jest w sprzedaży.
stay-reason-sales-closed = Noc { $date } nie jest już w sprzedaży.
stay-reason-sold-out = Na noc { $date } nie ma już miejsc.
stay-reason-held-by-other = Noc { $date } jest zarezerwowana dla kogoś innego.
stay-reason-held-until = Ten pokój jest zarezerwowany do godz. { $time }.
stay-reason-no-price = Nie ma ceny dla tych dat i tej długości pobytu.
stay-reason-capacity-exceeded = { $n ->
    [one] Najwyżej { $n } osoba.
    [few] Najwyżej { $n } osoby.
    [many] Najwyżej { $n } osób.
   *[other] Najwyżej { $n } osoby.
}
stay-reason-bracket-not-priced = Nie ma ceny dla jednej z grup wiekowych.
# Koszyk
stay-contact-title = Państwa dane
stay-contact-lede = Po zapisaniu danych nocleg zostanie dla Państwa zarezerwowany na godzinę.
stay-basket-title = Państwa rezerwacja
stay-first-name = Imię
stay-last-name = Nazwisko
stay-email = Adres e-mail
stay-email-hint = Tam wyślemy potwierdzenie
stay-phone = Telefon
stay-phone-hint = Na przykład +48 512 345 678
stay-continue = Dalej
stay-you = Dane gościa
stay-edit-contact = Zmień moje dane
stay-your-stay = Państwa pobyt
stay-length = Długość
stay-guests = Goście
stay-deposit = Zaliczka do zapłaty teraz
stay-rest = Reszta do zapłaty później
stay-held-until = Zarezerwowane dla Państwa do godz. { $time }
stay-minutes-left = Zostało {"{"}n{"}"} min
stay-hold-over = Czas minął. Koszyk został zachowany: jeśli nocleg jest nadal wolny, można zapłacić.
stay-prolong = Przedłuż
stay-prolong-hint = O godzinę, jeden raz.
stay-prolonged-already = Rezerwację już raz przedłużono.
stay-others-wait = Ktoś inny czeka na ten nocleg: nie można go dłużej rezerwować.
stay-prolong-limit = Wykorzystano już łącznie cztery godziny.
stay-lifetime = Koszyk może rezerwować nocleg najwyżej cztery godziny. Proszę wyszukać od nowa.
stay-gone = Ktoś inny właśnie zarezerwował ten pokój. Nic nie zostało pobrane.
stay-gone-held = Ten pokój jest zarezerwowany dla kogoś innego do godz. { $time }. Nic nie zostało pobrane.
stay-price-changed = Cena zmieniła się od wyszukiwania: z { $old } na { $new }. Nic nie zostało pobrane. Jeśli ją Państwo akceptują, można kontynuować.
stay-below-minimum = Płatność kartą jest możliwa od { $minimum }.
stay-other-search = Szukaj ponownie
stay-proceed = Przejdź do płatności
stay-deposit-short = Zaliczka
stay-pay-all = Zapłać całość: { $amount }
stay-confirm = Potwierdź
stay-legal-free = Potwierdzając, zawierają Państwo umowę rezerwacji. Przy noclegu w ustalonym terminie nie ma prawa odstąpienia od umowy.
stay-legal = Płacąc, zawierają Państwo umowę rezerwacji. Przy noclegu w ustalonym terminie nie ma prawa odstąpienia od umowy.
# Rezerwacja bez płatności
stay-booked-title = Rezerwacja jest wiążąca
stay-booked-text = Dziękujemy, { $name }, czekamy na Państwa.
stay-number = Numer rezerwacji
stay-calendar = Dodaj do mojego kalendarza
stay-print = Drukuj
# Błędy
stay-fault-arrival-missing = Proszę podać datę przyjazdu
stay-fault-departure-missing = Proszę podać datę wyjazdu
stay-fault-invalid-dates = Wyjazd musi być po przyjeździe
stay-fault-past-date = Data przyjazdu już minęła
stay-fault-stay-too-long = Pobyt może mieć najwyżej 366 nocy
stay-fault-guests = Proszę podać liczbę od 0 do 20
stay-fault-nobody = Proszę podać od 1 do 99 osób
stay-fault-first-name-missing = Proszę podać imię
stay-fault-last-name-missing = Proszę podać nazwisko
stay-fault-email-format = Proszę podać adres e-mail, na przykład nazwa@przyklad.pl
stay-fault-phone-format = Proszę podać numer telefonu, na przykład +48 512 345 678
stay-fault-card-number = W tym polu nie należy wpisywać numeru karty
stay-fault-too-long = Ten tekst jest za długi
stay-fault-invalid-field = Proszę wpisać w jednym wierszu
