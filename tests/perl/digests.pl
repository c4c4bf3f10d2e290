# MIME::Base64, MIME::QuotedPrint, Digest::MD5 and Digest::SHA.
use strict;
use warnings;
use MIME::Base64;
print encode_base64("Hello, World! " x 10), decode_base64("SGVsbG8="), "\n";
use Digest::MD5 qw(md5_hex);
print md5_hex("abc"), " ", Digest::MD5->new->add("a")->add("bc")->hexdigest, " ", Digest::MD5::md5_base64("x"), "\n";
use Digest::SHA qw(sha1_hex sha256_hex hmac_sha256_hex);
print sha1_hex("abc"), sha256_hex("abc"), hmac_sha256_hex("data","key"), "\n";
print Digest::SHA->new(512)->add("abc")->hexdigest, "\n";
use MIME::QuotedPrint;
print encode_qp("a=b\x{e9} \nfoo" . "x" x 80), "|", decode_qp("a=3Db=\nc"), "\n";
