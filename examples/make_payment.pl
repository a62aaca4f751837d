#!/usr/bin/env perl
# Pay the oldest unpaid invoice of an AutoBill with the modules that come with Perl.
#
#   perl examples/make_payment.pl MERCHANT_AUTOBILL_ID AMOUNT [BASE_URL [LOGIN PASSWORD]]
use strict;
use warnings;
use HTTP::Tiny;

my ($autobill, $amount, $base, $login, $password) = @ARGV;
die "usage: make_payment.pl MERCHANT_AUTOBILL_ID AMOUNT [BASE_URL [LOGIN PASSWORD]]\n" unless defined $amount;
$base     //= 'http://127.0.0.1:8080';
$login    //= 'sandbox';
$password //= 'sandbox';
my $payment = "perl-$$-" . time;

my $body = <<"XML";
<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
 <SOAP-ENV:Body>
  <makePayment xmlns="http://soap.vindicia.com/v22_0/AutoBill">
   <auth xmlns=""><login>$login</login><password>$password</password><version>22.0</version></auth>
   <srd xmlns="" xsi:nil="true"/>
   <autobill xmlns=""><merchantAutoBillId>$autobill</merchantAutoBillId></autobill>
   <paymentMethod xmlns="">
    <type>MerchantAcceptedPayment</type>
    <merchantAcceptedPayment><paymentType>Cash</paymentType><paymentId>$payment</paymentId></merchantAcceptedPayment>
    <merchantPaymentMethodId>$payment</merchantPaymentMethodId>
   </paymentMethod>
   <amount xmlns="" xsi:type="xsd:float">$amount</amount>
   <note xmlns="">paid at the counter</note>
  </makePayment>
 </SOAP-ENV:Body>
</SOAP-ENV:Envelope>
XML

my $answer = HTTP::Tiny->new->post("$base/soap.pl", {
    headers => {
        'Content-Type' => 'text/xml; charset=utf-8',
        'SOAPAction'   => '"http://soap.vindicia.com/v22_0/AutoBill#makePayment"',
    },
    content => $body,
});
die "$answer->{status} $answer->{reason}\n" unless $answer->{success};
my ($code) = $answer->{content} =~ m{<returnCode[^>]*>(\d+)<};
my ($text) = $answer->{content} =~ m{<returnString[^>]*>([^<]*)<};
my ($summary) = $answer->{content} =~ m{<summary[^>]*>([^<]*)<};
print "$code $text", defined $summary ? ": $summary" : "", "\n";
