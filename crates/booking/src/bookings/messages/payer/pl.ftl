booking-mail-test = TEST: ta rezerwacja jest próbą, nie przekazano żadnych pieniędzy.
booking-mail-subject = Rezerwacja { $number } jest potwierdzona
booking-mail-deposit =
    Dzień dobry, { $name },

    Państwa rezerwacja { $number } w { $merchant } jest wiążąca.
    Przyjazd: { $arrival }
    Wyjazd: { $departure }
    Cena pobytu: { $total }
    Zapłacona zaliczka: { $paid }
    Pozostało do zapłaty: { $rest }

    Do zobaczenia,
    { $merchant }
booking-mail-paid =
    Dzień dobry, { $name },

    Państwa rezerwacja { $number } w { $merchant } jest wiążąca i w całości opłacona.
    Przyjazd: { $arrival }
    Wyjazd: { $departure }
    Cena pobytu: { $total }

    Do zobaczenia,
    { $merchant }
booking-mail-free =
    Dzień dobry, { $name },

    Państwa rezerwacja { $number } w { $merchant } jest wiążąca. Nic nie trzeba płacić.
    Przyjazd: { $arrival }
    Wyjazd: { $departure }

    Do zobaczenia,
    { $merchant }
booking-starts = Przyjazd
booking-ends = Wyjazd
booking-subject-title = Pobyt od { $arrival } do { $departure }
booking-subject-hours = { $date }, od godz. { $time }
booking-subject-before = { $date }, do godz. { $time }
booking-subject-lodging = Nocleg
booking-subject-guests = Goście
booking-subject-total = Cena pobytu
booking-subject-rest = Reszta do zapłaty później
booking-subject-next-rest = Pozostałą kwotę { $amount } pobierze później { $merchant }, z karty podanej na ten pobyt lub na miejscu.
booking-subject-next-arrival = Czekamy na Państwa: { $arrival }.
booking-card-mail-subject = Karta płatnicza do rezerwacji { $number }
booking-card-mail =
    Dzień dobry, { $name },

    { $merchant } prosi o kartę w celu zabezpieczenia pobytu { $number } od { $arrival } do { $departure }.
    Proszę podać ją pod tym linkiem na bezpiecznej stronie. Teraz nic nie zostanie pobrane. Link jest ważny { $days } dni.
    Nigdy nie należy podawać danych karty e-mailem, SMS-em ani przez telefon.

    Do zobaczenia,
    { $merchant }
booking-card-mail-test = TEST: ta wiadomość jest próbą.
booking-card-sms = { $merchant }: aby zabezpieczyć pobyt { $number } od { $arrival }, proszę podać kartę pod tym linkiem ({ $days } dni). Teraz nic nie zostanie pobrane.
booking-card-guest-title = Karta płatnicza do rezerwacji
booking-card-guest-number = Rezerwacja
booking-card-guest-why = { $merchant } prosi o kartę w celu zabezpieczenia tego pobytu.
booking-card-guest-promise = Kartę podaje się na bezpiecznej stronie sejfu. Teraz nic nie zostanie pobrane, kod zabezpieczający nie jest wymagany, a karta zostanie usunięta po wyjeździe.
booking-card-guest-button = Podaj kartę
booking-card-guest-given = Karta została zapisana
booking-card-guest-kept = Dziękujemy. { $merchant } przechowuje na ten pobyt kartę •••• { $last4 }.
booking-card-guest-over = Ten link jest już nieważny
booking-card-guest-over-cure = Aby otrzymać nowy, proszę napisać lub zadzwonić do { $merchant }.
