#!/usr/bin/env perl
# The life of a subscription with SOAP::Lite, proxy, uri and call; structures of hashes and SOAP::Data.
#
#   perl life.pl BASE_URL LOGIN PASSWORD
use strict;
use warnings;
use utf8;
use JSON::PP;
use POSIX qw(strftime);
use SOAP::Lite;

our ($base, $login, $password) = @ARGV;

# Types of the namespace vin are unknown to SOAP::Lite: their values are kept as they are.
package CashBox::Deserializer;
our @ISA = ('SOAP::Deserializer');
sub typecast {
    my ($self, $value, $name, $attributes, $children, $type) = @_;
    return $value if !ref $children && defined $type && $type =~ m{soap\.vindicia\.com};
    return;
}

package main;


sub call {
    my ($service, $operation, @arguments) = @_;
    my @auth = map { SOAP::Data->name(@$_) } [login => $login], [password => $password], [version => '22.0'];
    return SOAP::Lite->proxy("$base/soap.pl")
        ->uri("http://soap.vindicia.com/v22_0/$service")
        ->deserializer(CashBox::Deserializer->new)
        ->call($operation, SOAP::Data->name(auth => \SOAP::Data->value(@auth)), SOAP::Data->name(srd => ''), @arguments);
}

sub object { my ($name, @fields) = @_; return SOAP::Data->name($name => \SOAP::Data->value(@fields)) }
sub field { return SOAP::Data->name($_[0] => $_[1]) }
sub text { return SOAP::Data->name($_[0] => $_[1])->type('string') }
sub list { my $value = shift; return defined $value ? ref $value eq 'ARRAY' ? @$value : $value : () }
sub count { return scalar(my @all = list(@_)) }
sub pairs { return [map { [$_->{name}, $_->{value}] } list($_[0]{nameValues})] }
sub bool { return $_[0] ? JSON::PP::true : JSON::PP::false }

my %seen = (client => "SOAP::Lite $SOAP::Lite::VERSION");

my $som = call('Product', 'update', object(
    'product',
    field(merchantProductId => 'magazine'),
    object('descriptions', field(language => 'DE'), text(description => 'Zeitschrift für Gärtner – 月刊')),
    field(endOfLifeTimestamp => '2031-12-31T23:59:59-08:00'),
    object('nameValues', field(name => 'shelf'), field(value => 'north')),
    object('prices', field(amount => 10.00), field(currency => 'USD')),
));
my ($product, $created) = $som->paramsout;
$seen{product} = {
    code => $som->result->{returnCode},
    created => bool($created),
    description => $product->{descriptions}{description},
    end => $product->{endOfLifeTimestamp},
    price => $product->{prices}{amount},
    names => pairs($product),
};

$som = call('BillingPlan', 'update', object(
    'billingPlan',
    field(merchantBillingPlanId => 'monthly'),
    field(description => 'Monthly'),
    object('periods', field(type => 'Month'), field(quantity => 1), field(cycles => 0), field(free => 'false')),
    object('nameValues', field(name => 'a'), field(value => 1)),
    object('nameValues', field(name => 'b'), field(value => '<&>')),
    SOAP::Data->name(merchantEntitlementIds => []),
));
my $plan = $som->valueof('//updateResponse/billingPlan');
my $period = $plan->{periods};
$seen{plan} = {
    code => $som->valueof('//return/returnCode'),
    period => [$period->{type}, $period->{quantity}, $period->{cycles}, bool($period->{free})],
    names => pairs($plan),
    entitlements => [list($plan->{merchantEntitlementIds})],
};

# What is not ASCII and has no type is sent as base64Binary.
$som = call('Account', 'update', object(
    'account',
    field(merchantAccountId => 'ada'),
    field(name => 'Ádá Łovelace 東京 €'),
    field(emailAddress => 'ada@example.org'),
    field(company => undef),
    field(warnBeforeAutobilling => 1),
    SOAP::Data->name(nameValues => [{name => 'tier', value => 'gold'}]),
    object(
        'paymentMethods',
        field(type => 'CreditCard'),
        field(merchantPaymentMethodId => 'card'),
        text(accountHolderName => 'Ádá Łovelace'),
        SOAP::Data->name(active => 1)->type('boolean'),
        field(creditCard => {account => '4111111111111111', expirationDate => '203812'}),
        field(billingAddress => {addr1 => '1 Straße', city => 'Köln', postalCode => '50667', country => 'DE'}),
        field(nameValues => {name => 'CVN', value => '123'}),
    ),
));
my $account = $som->valueof('//updateResponse/account');
my $method = $account->{paymentMethods};
$seen{account} = {
    code => $som->result->{returnCode},
    created => bool($som->valueof('//updateResponse/created')),
    name => $account->{name},
    company => $account->{company},
    warned => bool($account->{warnBeforeAutobilling}),
    names => pairs($account),
    card => [$method->{type}, $method->{creditCard}{account}, $method->{billingAddress}{city}, bool($method->{active})],
};

sub subscribe {
    my ($id, $paying) = @_;
    return call('AutoBill', 'update',
        object(
            'autobill',
            field(merchantAutoBillId => $id),
            field(account => {VID => $account->{VID}}),
            field(billingPlan => {merchantBillingPlanId => 'monthly'}),
            $paying,
            field(currency => 'USD'),
            field(items => [{index => 0, product => {merchantProductId => 'magazine'}}]),
        ),
        field(immediateAuthFailurePolicy => 'doNotSaveAutoBill'),
        SOAP::Data->name(validateForFuturePayment => 'true')->type('boolean'),
        field(minChargebackProbability => 100),
        field(ignoreAvsPolicy => undef),
        field(ignoreCvnPolicy => 1),
        field(campaignCode => undef),
        field(dryrun => 0),
    );
}
my $card = field(paymentMethod => {VID => $method->{VID}});
$som = subscribe('by-card', $card);
my $first = $som->valueof('//updateResponse/initialTransaction');
my $bill = $som->valueof('//updateResponse/autobill');
$seen{'by card'} = {
    code => $som->result->{returnCode},
    status => [$bill->{status}, $bill->{billingState}, $som->valueof('//updateResponse/authStatus/status')],
    items => count($bill->{items}),
    next => $bill->{nextBilling}{amount},
    amount => $first->{amount},
    cycle => $first->{autoBillCycle},
    log => [map { $_->{status} } list($first->{statusLog})],
    names => count($first->{nameValues}),
};

subscribe('by-invoice', field(paymentMethod => {
    type => 'MerchantAcceptedPayment',
    merchantPaymentMethodId => 'invoice',
    merchantAcceptedPayment => {paymentType => 'Cheque'},
}));
my $autobill = field(autobill => {merchantAutoBillId => 'by-invoice'});
sub numbers { return [call('AutoBill', 'fetchInvoiceNumbers', $autobill, field(invoicestate => $_[0]))->paramsout] }
$seen{invoices} = [numbers('Due'), numbers('Written Off')];

sub pay {
    my ($paying, $amount) = @_;
    my $paid = call('AutoBill', 'makePayment', $autobill, $paying,
        field(amount => $amount), field(currency => 'USD'), field(invoiceId => undef),
        field(overageDisposition => 'applytoOldestInvoice'), field(usePaymentMethodForFutureBilling => 0),
        text(note => 'bezahlt – schön'));
    my $transaction = $paid->valueof('//makePaymentResponse/transaction');
    return [
        $paid->result->{returnCode}, $paid->valueof('//summary'), $transaction->{amount}, $transaction->{note},
        (list($transaction->{statusLog}))[0]{status},
    ];
}
$seen{paid} = [pay($card, 4), pay(field(paymentMethod => {
    type => 'MerchantAcceptedPayment',
    merchantPaymentMethodId => 'cheque-7',
    merchantAcceptedPayment => {
        paymentType => 'Cheque', paymentId => 7, note => 'Scheck',
        timestamp => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime),
    },
}), 6.00)];
$seen{left} = numbers('Due');

sub fetch {
    my ($service, $whose) = @_;
    return call($service, 'fetchByAccount', field(account => {merchantAccountId => $whose}),
        field(includeChildren => 0), field(page => 0), field(pageSize => 10));
}
$seen{autobills} = [map { $_->{merchantAutoBillId} } fetch('AutoBill', 'ada')->paramsout];
$seen{transactions} = [map { $_->{amount} } fetch('Transaction', 'ada')->paramsout];

# What was fetched is changed and sent back whole.
my $again = call('Account', 'fetchByMerchantAccountId', field(merchantAccountId => 'ada'))->paramsout;
$again->{name} = 'Ada Ö';
my $renamed = call('Account', 'update', field(account => $again));
my $bought = call('AutoBill', 'fetchByMerchantAutoBillId', field(merchantAutoBillId => 'by-card'))->paramsout;
$bought->{customerAutoBillName} = 'Größe';
my $changed = call('AutoBill', 'update', field(autobill => $bought), field(minChargebackProbability => 100));
my ($person, $new) = $renamed->paramsout;
my $resold = $changed->valueof('//updateResponse/autobill');
$seen{'sent back'} = [
    $renamed->result->{returnCode}, bool($new), $person->{name}, pairs($person),
    $changed->result->{returnCode}, $resold->{customerAutoBillName}, count($resold->{items}),
];

my $unknown = call('Account', 'fetchByMerchantAccountId', field(merchantAccountId => 'nobody'));
my $odd = call('Account', 'noSuchOperation');
{
    local $password = 'wrong';
    my $refused = call('Account', 'fetchByMerchantAccountId', field(merchantAccountId => 'ada'));
    $seen{refused} = [map {
        [$_->result->{returnCode}, $_->result->{returnString}, bool($_->match('//account'))]
    } $refused, $unknown];
}
$seen{fault} = [ref $odd, $odd->faultcode, $odd->faultstring];
$seen{kinds} = {
    account => ref $account,
    nameValues => ref $first->{nameValues},
    'one nameValue' => ref $account->{nameValues},
};

binmode STDOUT, ':raw';
print JSON::PP->new->utf8->canonical->encode(\%seen), "\n";
