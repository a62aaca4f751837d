#!/usr/bin/env perl
# SOAP::Lite's stubs, made of the documents: arguments by position, in the order of the WSDL.
#
#   perl stub.pl BASE_URL LOGIN PASSWORD
use strict;
use warnings;
use utf8;
use JSON::PP;
use SOAP::Lite;

my ($base, $login, $password) = @ARGV;

# Stubs write a type that they do not know as nil, so each that is used is told to be written as it is given.
for my $known (qw(Authentication Account)) {
    no strict 'refs';
    *{"SOAP::Serializer::as_$known"} = sub {
        my ($self, $value, $name, $type, $attributes) = @_;
        return [$name, {'xsi:type' => $type, %{$attributes || {}}}, $value];
    };
}

# Types of the namespace vin are unknown to the reader as well.
package CashBox::Deserializer;
our @ISA = ('SOAP::Deserializer');
sub typecast {
    my ($self, $value, $name, $attributes, $children, $type) = @_;
    return $value if !ref $children && defined $type && $type =~ m{soap\.vindicia\.com};
    return;
}

package main;

my $accounts = SOAP::Lite->service("$base/22.0/Account.wsdl");
$accounts->deserializer(CashBox::Deserializer->new);
$accounts->on_fault(sub { my ($soap, $found) = @_; die ref $found ? $found->faultstring : $soap->transport->status, "\n" });
my $auth = {version => '22.0', login => $login, password => $password};

my ($return, $account, $created) = $accounts->update($auth, '', {
    merchantAccountId => 'ada',
    name => 'Ádá Łovelace 東京',
    company => undef,
    paymentMethods => [],
    nameValues => [{name => 'a', value => '1'}, {name => 'b', value => '2'}],
});
my %seen = (client => "SOAP::Lite $SOAP::Lite::VERSION");
$seen{stored} = [
    $return->{returnCode}, ref $return, $created, ref $account, $account->{name},
    [map { $_->{value} } @{$account->{nameValues}}],
];
my $refused = $accounts->fetchByMerchantAccountId({%$auth, password => 'wrong'}, undef, 'ada');
$seen{refused} = [$refused->{returnCode}, $refused->{returnString}];

eval { $accounts->call('noSuchOperation') };
chomp($seen{fault} = $@);
print JSON::PP->new->utf8->canonical->encode(\%seen), "\n";
